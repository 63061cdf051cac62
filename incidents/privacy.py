"""How personal words are masked. Pure."""


def mask_name(name: str) -> str:
    """Only the surname: 孙**."""
    return name[:1] + "*" * (len(name) - 1)


def mask_phone(phone: str) -> str:
    """Three digits, and the last four where enough are left between: 139****0000."""
    if len(phone) < 9:
        return phone[:1] + "*" * max(0, len(phone) - 1)
    return f"{phone[:3]}{'*' * (len(phone) - 7)}{phone[-4:]}"


def mask_mail(mail: str) -> str:
    """One letter and the domain: s***@example.org."""
    name, _at, domain = mail.partition("@")
    return f"{name[:1]}***@{domain}" if domain else "***"
