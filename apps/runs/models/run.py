"""One (artifact, protocol, engine, device kind) to execute."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from apps.catalog.datasets import is_standard, standard_datasets
from apps.catalog.models import Artifact, DeviceKind, Network, Protocol
from apps.catalog.models.protocol import ProtocolKind
from apps.fleet.models import STUB_ENGINE, Agent, Attachment, Serves
from apps.runs.models.campaign import Campaign


class RunState(models.TextChoices):
    QUEUED = "queued", "queued"
    ACTIVE = "active", "active"
    DONE = "done", "done"
    FAILED = "failed", "failed"
    CANCELLED = "cancelled", "cancelled"


OPEN_STATES = [RunState.QUEUED, RunState.ACTIVE]


class RunQuerySet(models.QuerySet["Run"]):
    def open(self) -> "RunQuerySet":
        return self.filter(state__in=OPEN_STATES)

    def queued(self) -> "RunQuerySet":
        return self.filter(state=RunState.QUEUED)

    def executable_by(self, agent: Agent, attachment: Attachment) -> "RunQuerySet":
        """Queued runs that this agent may and can execute on this device."""
        kind = attachment.device.kind
        runs = self.queued().filter(
            Q(device_kind=None) | Q(device_kind=kind),
            _for_kind_of_protocol(kind),
            Q(protocol__category="") | Q(protocol__category=kind.category),
            engine__in=attachment.engine_names,
            artifact__isnull=False,
        )
        runs = runs.filter(~Q(protocol__kind=ProtocolKind.ACCURACY) | _on_datasets_of(agent))
        if kind.is_simulated:
            # It must not take real work away, whose value it would keep off the board.
            runs = runs.filter(Q(device_kind=kind) | Q(engine=STUB_ENGINE))
        if agent.serves == Serves.OWNER:
            runs = runs.filter(requested_by_id=agent.owner_id)
        elif agent.serves == Serves.NAMED:
            runs = runs.filter(Q(requested_by_id=agent.owner_id) | Q(requested_by__in=agent.served_users.all()))
        if not agent.accepts_uploads:
            runs = runs.filter(artifact__is_uploaded=False)
        return runs

    def in_lease_order(self) -> "RunQuerySet":
        """Urgent first, then a fair turn for each owner, then first come."""
        return self.order_by("priority", "share_rank", "queued_at", "id")

    def of_the_campaign_in_turn(self) -> "RunQuerySet":
        """Those of these runs, which are in lease order, that belong to the first one's campaign and are as urgent."""
        first = self[:1]
        return self.filter(campaign=first.values("campaign"), priority=first.values("priority"))


def _for_kind_of_protocol(kind: DeviceKind) -> Q:
    """A simulator takes a protocol of the kind that it simulates only where the run asks for the simulator by name."""
    by_name = Q(protocol__device_kind_id=kind.simulates_id, device_kind=kind) if kind.is_simulated else Q(pk__in=[])
    return Q(protocol__device_kind=None) | Q(protocol__device_kind=kind) | by_name


def _on_datasets_of(agent: Agent) -> Q:
    """Accuracy runs on images that the agent offers; none where it offers none."""
    standards = standard_datasets() if agent.datasets else {}
    wanted = Q(pk__in=[])
    for offered in agent.datasets:
        wanted |= Q(protocol__task=offered["task"], dataset=offered["name"])
        if is_standard(offered, standards):
            wanted |= Q(protocol__task=offered["task"], dataset="")
    return wanted


class Run(models.Model):
    """Asked for once, tried until it is done, failed or cancelled. Only the lease statement assigns it."""

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="runs")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="runs")
    network = models.ForeignKey(Network, on_delete=models.PROTECT, related_name="runs")
    protocol = models.ForeignKey(Protocol, on_delete=models.PROTECT, related_name="runs")
    artifact = models.ForeignKey(Artifact, on_delete=models.PROTECT, null=True, blank=True, related_name="runs")
    engine = models.CharField(max_length=40)
    device_kind = models.ForeignKey(DeviceKind, on_delete=models.PROTECT, null=True, blank=True, related_name="runs")
    dataset = models.CharField(max_length=100, blank=True)
    """Name of the images, for accuracy; empty means the task's standard dataset."""
    state = models.CharField(max_length=10, choices=RunState.choices, default=RunState.QUEUED)
    fence = models.PositiveIntegerField(default=0)
    """Grows with every lease; a message that carries an older one is too late."""
    counted_attempts = models.PositiveSmallIntegerField(default=0)
    priority = models.PositiveSmallIntegerField(default=100)
    share_rank = models.PositiveIntegerField(default=0)
    """The run's place in the queue of its priority when it was last put in order, so that owners take turns."""
    blocked_by = models.CharField(max_length=300, blank=True)
    failure = models.TextField(blank=True)
    queued_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = RunQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "network", "protocol", "engine", "device_kind"],
                name="runs_run_once_per_campaign",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(state__in=OPEN_STATES, finished_at=None)
                | (~Q(state__in=OPEN_STATES) & Q(finished_at__isnull=False)),
                name="runs_run_finished_has_a_time",
            ),
            models.CheckConstraint(condition=Q(state__in=RunState.values), name="runs_run_state_known"),
            models.CheckConstraint(condition=Q(counted_attempts__lte=F("fence")), name="runs_run_attempts_were_leased"),
        ]
        indexes = [
            models.Index(
                fields=["priority", "share_rank", "queued_at", "id"],
                condition=Q(state=RunState.QUEUED),
                name="runs_run_lease_order",
            )
        ]

    def __str__(self) -> str:
        return f"run {self.pk}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES
