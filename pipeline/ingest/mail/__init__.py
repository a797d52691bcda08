"""Mail: what a message, a mailbox or a gateway's record says, without the message's body."""
