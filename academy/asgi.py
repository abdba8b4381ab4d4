"""The one port: live sockets to the hub, files from disk, everything else to Django's pages."""

from academy.server.root import Root, django_pages

application = Root(django_pages())
