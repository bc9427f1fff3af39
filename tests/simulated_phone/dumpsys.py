"""What `dumpsys` prints about battery, heat and screen, in Android 11's words."""

SKIN_ZONE, CORE_ZONE, BATTERY_ZONE = "quiet-therm-usr", "cpu-1-3-usr", "battery"


def battery(*, level: float, celsius: float) -> str:
    """Units: per cent; degrees Celsius, in tenths in the text."""
    return f"""Current Battery Service state:
  AC powered: false
  USB powered: true
  Wireless powered: false
  Max charging current: 500000
  Max charging voltage: 5000000
  Charge counter: {round(level * 40850)}
  status: 2
  health: 2
  present: true
  level: {round(level)}
  scale: 100
  voltage: 4123
  temperature: {round(celsius * 10)}
  technology: Li-ion
"""


def thermal(temperatures: dict[str, float], *, status: int) -> str:
    """`status` is Android's throttling status: 0 none, 1 light, 2 moderate, 3 severe."""
    named = ((0, "CPU7", CORE_ZONE), (2, "battery", BATTERY_ZONE), (3, "skin", SKIN_ZONE))
    values = "\n".join(
        f"\tTemperature{{mValue={temperatures[zone]:.1f}, mType={kind}, mName={name}, mStatus={status}}}"
        for kind, name, zone in named
    )
    return f"""IsStatusOverride: false
ThermalEventListeners:
\tcallbacks: 1
Thermal Status: {status}
Cached temperatures:
{values}
HAL Ready: true
HAL connection:
\tThermalHAL 2.0 connected: yes
Current temperatures from HAL:
{values}
Current cooling devices from HAL:
\tCoolingDevice{{mValue={status}, mType=2, mName=thermal-cpufreq-7}}
"""


def power(*, is_awake: bool) -> str:
    wakefulness, display = ("Awake", "ON") if is_awake else ("Asleep", "OFF")
    return f"""POWER MANAGER (dumpsys power)

Power Manager State:
  mDirty=0x0
  mWakefulness={wakefulness}
  mWakefulnessChanging=false
  mIsPowered=true
  mPlugType=2
Display Power: state={display}
"""
