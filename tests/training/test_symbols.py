import pytest

from tts.training.symbols import BOS_ID, EOS_ID, PAD_ID, SymbolTable


def test_pad_begin_and_end_come_first_and_space_is_always_known() -> None:
    table = SymbolTable.of([("^", "b", "a", "$")])
    assert table.symbols == ("_", "^", "$", " ", "a", "b")
    assert table.ids("^ab$") == [BOS_ID, 4, 5, EOS_ID]
    assert table.symbols[PAD_ID] == "_"


def test_the_table_does_not_depend_on_the_order_of_sentences() -> None:
    assert SymbolTable.of(["^ab$", "^ca$"]) == SymbolTable.of(["^ca$", "^ab$"])


def test_unknown_symbols_have_no_id() -> None:
    with pytest.raises(KeyError):
        SymbolTable.of(["^a$"]).ids("^z$")


def test_symbols_of_several_code_points_are_refused() -> None:
    with pytest.raises(ValueError, match="single code points"):
        SymbolTable.of([("^", "aɪ", "$")])


@pytest.mark.parametrize("symbols", [("^", "_", "$"), ("_", "^", "$", "a", "a")])
def test_tables_out_of_order_are_refused(symbols: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="differ from each other"):
        SymbolTable(symbols)


def test_stand_ins_speak_for_sounds_that_were_not_learned() -> None:
    table = SymbolTable.of(["^hɡ,.x$"])
    numbers = table.phoneme_id_map()
    assert numbers["g"] == numbers["ɡ"]
    assert numbers["，"] == numbers[","]
    assert numbers["ç"] == numbers["h"]
    assert numbers["x"] != numbers["h"]


def test_there_is_no_stand_in_without_the_sound_it_stands_on() -> None:
    assert "y" not in SymbolTable.of(["^a$"]).phoneme_id_map()
