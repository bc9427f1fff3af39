"""The board's maintained table: the result that fills each cell."""

from django.db import models
from django.db.models import Q

from apps.catalog.models import Configuration, Network
from apps.core.metrics import METRIC_CHOICES
from apps.results.models.result import Result


class BoardCell(models.Model):
    """One cell of (model) x (metric, configuration).

    Foreign keys (result, is_simulated) and (result, is_submission) to the result, made in migrations, and the checks
    below keep every simulated result and every submission off the board, whatever the code does.
    """

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="board_cells")
    metric = models.CharField(max_length=30, choices=METRIC_CHOICES)
    configuration = models.ForeignKey(Configuration, on_delete=models.CASCADE, related_name="board_cells")
    result = models.ForeignKey(Result, on_delete=models.PROTECT, related_name="board_cells")
    is_simulated = models.BooleanField(default=False)
    is_submission = models.BooleanField(default=False)
    device_count = models.PositiveIntegerField(default=0)
    value_min = models.DecimalField(max_digits=20, decimal_places=8)
    value_max = models.DecimalField(max_digits=20, decimal_places=8)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["network", "metric", "configuration"], name="results_boardcell_cell"),
            models.CheckConstraint(condition=Q(is_simulated=False), name="results_boardcell_never_simulated"),
            models.CheckConstraint(condition=Q(is_submission=False), name="results_boardcell_never_submitted"),
        ]

    def __str__(self) -> str:
        return f"{self.network_id} {self.metric}.{self.configuration_id}"
