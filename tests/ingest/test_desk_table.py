"""CERT's insider threat sets: five tables in the forms of their fourth and fifth release."""

from pathlib import Path

from ingested import events, letters, read

_ROW = "{{X1D9-S0ES98JV-5357PWMI}},01/04/2010 22:49:00,NGF0157,PC-6056,"


def _table(more: str, *rows: str) -> str:
    return "".join((f"id,date,user,pc,{more}\n", *(_ROW.format() + row + "\n" for row in rows)))


def test_log_ons_of_people(tmp_path: Path) -> None:
    on, off = events(tmp_path, "logon.csv", _table("activity", "Logon", "Logoff"))
    assert (on["ts"], on["user"], on["host"], on["action"]) == (1262645340.0, "NGF0157", "PC-6056", "logon")
    assert (on["outcome"], on["logon_type"], off["action"]) == ("success", 2, "logoff")  # the 4th of January


def test_media_and_what_is_copied_to_them(tmp_path: Path) -> None:
    assert [e["action"] for e in events(tmp_path, "device.csv", _table("activity", "Connect", "Disconnect"))] == [
        "media_connected", "media_removed",
    ]  # fmt: skip
    (five,) = events(tmp_path, "device5.csv", _table("file_tree,activity", "R:\\;R:\\22B5gX4,Connect"))
    assert five["target"] == "R:\\;R:\\22B5gX4"
    (four,) = events(tmp_path, "file.csv", _table("filename,content", 'ZL7LFPYD.doc,"D0-CF-11 secret"'))
    assert (four["action"], four["target"]) == ("file_to_media", "ZL7LFPYD.doc")
    assert "secret" not in str(four)
    names = "filename,activity,to_removable_media,from_removable_media,content"
    to, opened = events(
        tmp_path, "f5.csv", _table(names, "R:\\a.doc,File Write,True,False,x", "C:\\a.doc,File Open,False,False,x")
    )
    assert (to["action"], opened["action"]) == ("file_to_media", "file_open")


def test_pages_that_are_visited_and_sites_that_are_given_something(tmp_path: Path) -> None:
    (four,) = events(tmp_path, "http.csv", _table("url,content", 'http://a.example/b/c.php,"words, of it"'))
    assert (four["host"], four["uri"], four["src_ip"]) == ("a.example", "/b/c.php", "PC-6056")
    assert "method" not in four
    assert "words" not in str(four)
    (five,) = events(tmp_path, "h5.csv", _table("url,activity,content", "http://wikileaks.org/x.php,WWW Upload,y"))
    assert five["method"] == "POST"


def test_mails(tmp_path: Path) -> None:
    four = "to,cc,bcc,from,size,attachments,content"
    (sent,) = events(tmp_path, "email.csv", _table(four, "a@x.example;b@x.example,c@x.example,,me@x.example,9,2,hi"))
    assert sent["rcpt_to"] == ["a@x.example", "b@x.example", "c@x.example"]
    assert "attachments" not in sent  # their number alone is told
    five = "to,cc,bcc,from,activity,size,attachments,content"
    rows = ("a@x.example,,,me@x.example,Send,9,p.zip(34);C:\\q.xls(1),hi", "a@x.example,,,me@x.example,View,9,,hi")
    sent, seen = events(tmp_path, "e5.csv", _table(five, *rows))
    assert (sent["attachments"], sent["mail_from"]) == (["p.zip", "C:\\q.xls"], "me@x.example")
    assert "rcpt_to" not in seen


def test_a_row_without_a_day_is_refused(tmp_path: Path) -> None:
    bad = _table("activity", "Logon") + _ROW.format().replace("01/04/2010 22:49:00", "soon") + "Logon\n"
    read_ = read(tmp_path, "logon.csv", bad)
    assert [letter.reason for letter in letters(read_)] == ["the row has no time with a day"]
