"""The site: settings, addresses, processes, checks and the commands that span packages."""
