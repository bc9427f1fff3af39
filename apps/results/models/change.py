"""What was written of results and of all that the board shows, so that nobody has to read them to know of it."""

from django.db import models


class Change(models.Model):
    """Made by triggers on the tables themselves (migration 0008), in the transaction of the write.

    `network_id` is the model whose row of the board changed, null where any may have; no foreign key, so that a change
    may outlive its model. A table that the board is to show too needs the trigger `results_board_shows`.
    """

    network_id = models.BigIntegerField(null=True)
    is_on_board = models.BooleanField()
    """False where a result was written that fills no cell yet."""

    def __str__(self) -> str:
        return f"change {self.pk}"
