"""The pages of the admin as a desk: grouped by what people come for, not by the application a table belongs to."""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

AppDict = dict[str, Any]
"""An entry of Django's list of applications, as `AdminSite.get_app_list` describes it."""

SECTIONS: tuple[tuple[str, str | Promise, tuple[str, ...]], ...] = (
    ("history", _("History"), ("tts.synthesisrequest",)),
    (
        "usage",
        _("Usage"),
        (
            "tts.usagebucket",
            "tts.usageexport",
            "tts.usageevent",
            "accounts.usageperiod",
            "accounts.quotathreshold",
            "accounts.shadowrefusal",
        ),
    ),
    ("logs", _("Logs"), ("tts.logrecord", "tts.requestevent", "accounts.auditevent")),
    ("voices", _("Voices"), ("tts.voice", "tts.voiceroute", "tts.pronunciationentry")),
    (
        "tenants",
        _("Tenants and keys"),
        ("accounts.tenant", "accounts.apikey", "accounts.plan", "accounts.membership"),
    ),
    (
        "housekeeping",
        _("Housekeeping"),
        ("tts.maintenancerun", "django_rq.dashboard", "auth.user", "auth.group"),
    ),
)
"""Label, name and models of each section, in the order of the page."""

REST = ("rest", _("More"))

NAMES: dict[str, str | Promise] = {
    "tts.usagebucket": _("Usage report"),
    "django_rq.dashboard": _("Job queues"),
}
"""What a page is called where its table's name says something else."""


def sections(apps: list[AppDict]) -> list[AppDict]:
    """The models of `apps` in the sections above; what is in none of them comes last, so that nothing gets lost."""
    models = {
        f"{app['app_label']}.{model['object_name'].lower()}": model for app in apps for model in app["models"]
    }
    for label in NAMES.keys() & models.keys():
        models[label] |= {"name": NAMES[label]}
    found = []
    for label, name, members in SECTIONS:
        found.append(_section(label, name, [models.pop(one) for one in members if one in models]))
    found.append(_section(*REST, list(models.values())))
    return [section for section in found if section["models"]]


def _section(label: str, name: str | Promise, models: list[Any]) -> AppDict:
    return {"app_label": label, "name": name, "app_url": "", "has_module_perms": True, "models": models}
