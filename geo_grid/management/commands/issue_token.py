"""Issue an API token for an account, or revoke those of a label."""

from datetime import timedelta

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from core.errors import DomainError
from geo_grid import services
from geo_grid.models import ApiToken, User

LONGEST_DAYS = 3660


class Command(BaseCommand):
    help = "Print a new API token of an account. The key is shown once and not kept."

    def add_arguments(self, parser):
        parser.add_argument("user", help="user name of the account it acts for")
        parser.add_argument("--label", required=True, help="which system or device it is for")
        parser.add_argument(
            "--scopes",
            default="read",
            help=f"comma-separated: {', '.join(ApiToken.Scope.values)} (default: read)",
        )
        parser.add_argument("--days", type=int, default=365, help="good for so many days")
        parser.add_argument("--revoke", action="store_true", help="revoke those of this label")

    def handle(self, *, user, label, scopes, days, revoke, **options):
        found = User.objects.filter(username=user).first()
        if found is None:
            raise CommandError(f"There is no account {user}.")
        if not 1 <= days <= LONGEST_DAYS:
            raise CommandError(f"--days must be from 1 to {LONGEST_DAYS}.")
        if not 1 <= len(label) <= 60:
            raise CommandError("--label must have from 1 to 60 characters.")
        now = timezone.now()
        if revoke:
            return self.revoke(found, label, now)
        wanted = [scope.strip() for scope in scopes.split(",") if scope.strip()]
        try:
            key = services.issue_token(
                user=found,
                label=label,
                scopes=wanted,
                expires_at=now + timedelta(days=days),
                now=now,
            )
        except DomainError as error:
            raise CommandError(str(error.message)) from None
        self.stdout.write(key)

    def revoke(self, user, label, now):
        tokens = ApiToken.objects.filter(user=user, label=label, revoked_at=None)
        for token in tokens:
            services.revoke_token(token=token, now=now)
        if not tokens:
            raise CommandError(f"{user.username} has no token {label} to revoke.")
        self.stdout.write(f"revoked: {len(tokens)}")
