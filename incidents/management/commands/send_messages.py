"""Send waiting messages to reporters."""

from django.core.management.base import BaseCommand
from django.utils import timezone

from incidents import services


class Command(BaseCommand):
    help = "Send what waits in the outbox once; the scheduler does it all the time."

    def handle(self, **options):
        self.stdout.write(f"{services.send_messages(now=timezone.now())} messages sent")
