"""What the Official Account's connector needs to know to run."""

from __future__ import annotations

from dataclasses import dataclass, field

from core.settings import Settings

CHANNEL = "zalo"
"""The Official Account's channel."""
PHONE_CHANNEL = "zalo_phone"
"""Template messages to a phone number: for callers who never wrote on Zalo. Nothing comes in by it."""

WEBHOOK_PATH = "/webhooks/zalo/oa"
CALLBACK_PATH = "/zalo/callback"


@dataclass(frozen=True, slots=True, kw_only=True)
class ZaloSettings:
    """One app with one Official Account. `*_base` are addresses without a slash at their end."""

    app_id: str
    app_secret: str = field(repr=False)
    oa_id: str
    webhook_secret: str = field(repr=False)
    redirect_url: str = ""
    fixed_verifier: str = field(default="", repr=False)
    verification_code: str = ""
    access_token: str = field(default="", repr=False)
    refresh_token: str = field(default="", repr=False)
    oauth_base: str = "https://oauth.zaloapp.com"
    openapi_base: str = "https://openapi.zalo.me"
    business_base: str = "https://business.openapi.zalo.me"
    media_hosts: tuple[str, ...] = ("*.zdn.vn", "*.zadn.vn")
    rate: int = 20
    buttons: bool = False
    quote: bool = False
    appsecret_proof: bool = False
    info_image: str = ""
    template: str = ""
    phone_template: str = ""
    template_words: str = "noi_dung"
    template_code: str = "ma_phan_anh"

    @property
    def credentials_name(self) -> str:
        """The row of the token pair."""
        return f"{CHANNEL}:{self.oa_id}"


def zalo_settings(settings: Settings) -> ZaloSettings | None:
    """The connector's part of the program's settings; None when the Official Account is not set up."""
    if not settings.zalo_app_id:
        return None
    redirect = settings.zalo_redirect_url
    if not redirect and settings.public_url:
        redirect = settings.public_url + CALLBACK_PATH
    return ZaloSettings(
        app_id=settings.zalo_app_id,
        app_secret=settings.zalo_app_secret,
        oa_id=settings.zalo_oa_id,
        webhook_secret=settings.zalo_oa_webhook_secret,
        redirect_url=redirect,
        fixed_verifier=settings.zalo_code_verifier,
        verification_code=settings.zalo_verification_code,
        access_token=settings.zalo_access_token,
        refresh_token=settings.zalo_refresh_token,
        oauth_base=settings.zalo_oauth_base,
        openapi_base=settings.zalo_openapi_base,
        business_base=settings.zalo_business_base,
        media_hosts=settings.zalo_media_hosts,
        rate=settings.zalo_rate,
        buttons=settings.zalo_buttons,
        quote=settings.zalo_quote,
        appsecret_proof=settings.zalo_appsecret_proof,
        info_image=settings.zalo_info_image,
        template=settings.zalo_template,
        phone_template=settings.zalo_phone_template,
        template_words=settings.zalo_template_words,
        template_code=settings.zalo_template_code,
    )
