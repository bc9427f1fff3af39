"""Every change of a campaign, a run or an attempt. Each is one transaction and may be repeated."""
