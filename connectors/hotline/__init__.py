"""The telephone: live calls from Asterisk, and finished recordings from call-centre providers."""
