"""The simulator: three channels that live in the browser, for trying the talk without any account."""
