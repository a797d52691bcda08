"""A department tidies its share: hundreds of files get new names and places within half an hour."""

from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs import smb
from pipeline.simulator.verbs.net import connect


class ShareTidied(Story):
    """Renames in bulk, with the endings kept and nothing written anew."""

    kind = "benign:share_tidied"
    length_s = 1800.0
    hour = 11.0

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        person = stage.someone("biller", "researcher", "registrar")
        desk = s.world.home_desk(person)
        server, share = smb.home_share(s, person.department)
        where = smb.open_share(s, desk, server)
        for place in range(400):
            before = smb.filename(s)
            after = f"2026\\{before.rsplit(chr(92), 1)[1]}"
            smb.touch(s, stage.at(0.95 * (place + d.random()) / 400), where, share, "FILE_RENAME", after,
                      d.size(60_000, 1.2), before)  # fmt: skip
        connect(s, stage.start_ts, where, 400_000, 300_000, 0.95 * stage.length_s)
        stage.note("ip", desk.ip)
        stage.note("user", person.id)
