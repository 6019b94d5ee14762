"""Zones and five-field schedules with the hours and days that go wrong."""

ZONES = (
    "UTC",
    "America/New_York",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
    "America/Santiago",
    "Asia/Kathmandu",
)
TEXTS = (
    "* * * * *",
    "*/7 1-3 * * *",
    "30 2 * * *",
    "0 0 * * 0",
    "15 0 1 * *",
    "0 12 13 * 5",
    "59 23 31 12 *",
    "0 0 29 2 *",
)
