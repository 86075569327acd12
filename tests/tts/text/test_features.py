import subprocess
import sys

from tts.text.clean import cleaning
from tts.text.features import CLEANING, FEATURES, RULES, unknown_features
from tts.text.tables import RULES as TABLES


def test_the_features_of_rules_are_those_that_rules_name() -> None:
    assert {rule.feature for rules in TABLES.values() for rule in rules} == RULES


def test_the_features_of_cleaning_are_those_that_steps_name() -> None:
    steps = [step for policy in ("drop", "name") for step in cleaning("name" if policy == "name" else "drop")]
    assert {step.feature for step in steps if step.feature} == CLEANING


def test_dictionaries_directions_and_clauses_are_features_too() -> None:
    assert {"lexicon", "ssml", "clauses"} == FEATURES - CLEANING - RULES


def test_names_of_no_feature_are_found() -> None:
    assert unknown_features(["lexicon", "magic", "dates", "Dates"]) == ["Dates", "magic"]


def test_the_names_of_features_come_without_the_rules() -> None:
    # Every process imports them with its settings; the rules are for those that read texts.
    script = "import sys, tts.text.features; print(*sorted(name for name in sys.modules if name.startswith('tts')))"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert loaded.stdout.split() == ["tts", "tts.text", "tts.text.features"]


def test_every_public_name_of_the_package_can_be_imported() -> None:
    script = (
        "from tts.text import *; import tts.text; print(all(name in globals() for name in tts.text.__all__))"
    )
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "True"
