from django.contrib import admin

from apps.accounts.moderation import ReadOnlyAdmin
from apps.catalog.models import Artifact, Configuration, DeviceKind, Family, Network, Protocol


@admin.register(Family)
class FamilyAdmin(ReadOnlyAdmin):
    """The catalogue comes from files: `manage.py seed` and `import_model` change it."""

    list_display = ["slug", "title", "organisation", "year"]


@admin.register(Network)
class NetworkAdmin(ReadOnlyAdmin):
    list_display = ["name", "family", "width_multiplier", "recipe", "precision", "task"]
    list_filter = ["family", "recipe", "precision", "task"]
    list_select_related = ["family"]
    search_fields = ["name"]


@admin.register(DeviceKind)
class DeviceKindAdmin(ReadOnlyAdmin):
    list_display = ["slug", "title", "category", "simulates"]
    list_filter = ["category"]
    list_select_related = ["simulates"]
    search_fields = ["slug", "title"]


@admin.register(Protocol)
class ProtocolAdmin(ReadOnlyAdmin):
    list_display = ["slug", "version", "kind", "task", "batch_size", "precision", "is_origin"]
    list_filter = ["kind", "is_origin", "category"]
    search_fields = ["slug", "title"]


@admin.register(Configuration)
class ConfigurationAdmin(ReadOnlyAdmin):
    list_display = ["slug", "protocol", "engine", "device_kind", "dataset"]
    list_filter = ["engine"]
    list_select_related = ["protocol", "device_kind"]
    search_fields = ["slug"]


@admin.register(Artifact)
class ArtifactAdmin(ReadOnlyAdmin):
    list_display = ["sha256", "architecture", "network", "format", "precision", "is_uploaded", "created_at"]
    list_filter = ["format", "precision", "is_uploaded"]
    list_select_related = ["architecture", "network"]
    search_fields = ["sha256", "architecture__name", "network__name"]
