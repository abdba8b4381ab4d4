"""Keys of authenticator apps and seeds of recovery codes are kept sealed; those that lie open are sealed here."""

from django.conf import settings
from django.db import migrations

from academy.core.sealing import is_sealed, seal, unseal

PURPOSE = "academy.people.second_step"
SECRET = ("secret", "seed")


def _rewrite(apps, change):
    for kept in apps.get_model("mfa", "Authenticator").objects.filter(type__in=["totp", "recovery_codes"]):
        changed = {name: change(value) for name, value in kept.data.items() if name in SECRET}
        if "migrated_codes" in kept.data:
            changed["migrated_codes"] = [change(code) for code in kept.data["migrated_codes"]]
        kept.data = kept.data | changed
        kept.save(update_fields=["data"])


def close(apps, schema_editor):
    keys = [settings.SECRET_KEY]
    _rewrite(apps, lambda text: text if is_sealed(text) else seal(text, keys, purpose=PURPOSE))


def open_again(apps, schema_editor):
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    _rewrite(apps, lambda text: unseal(text, keys, purpose=PURPOSE) if is_sealed(text) else text)


class Migration(migrations.Migration):
    dependencies = [("people", "0002_locking_and_cache"), ("mfa", "0003_authenticator_type_uniq")]
    operations = [migrations.RunPython(close, open_again)]
