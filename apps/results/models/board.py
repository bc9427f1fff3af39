"""The maintained tables of cells: the board's, and that of what was sent in, which stands apart."""

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


class SubmittedCell(models.Model):
    """What was sent in for one cell of (model) x (metric, configuration): the newest, and how far all lie apart.

    Foreign keys like the board's, made in migrations, let nothing but submissions of real hardware in.
    """

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="submitted_cells")
    metric = models.CharField(max_length=30, choices=METRIC_CHOICES)
    configuration = models.ForeignKey(Configuration, on_delete=models.CASCADE, related_name="submitted_cells")
    result = models.ForeignKey(Result, on_delete=models.PROTECT, related_name="submitted_cells")
    is_simulated = models.BooleanField(default=False)
    is_submission = models.BooleanField(default=True)
    value_count = models.PositiveIntegerField()
    owner_count = models.PositiveIntegerField()
    value_min = models.DecimalField(max_digits=20, decimal_places=8)
    value_max = models.DecimalField(max_digits=20, decimal_places=8)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["network", "metric", "configuration"], name="results_submittedcell_cell"),
            models.CheckConstraint(
                condition=Q(is_simulated=False, is_submission=True), name="results_submittedcell_only_submitted"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.network_id} {self.metric}.{self.configuration_id}"
