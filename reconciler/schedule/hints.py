from reconciler.schedule.errors import ScheduleError


def hint_for(error: ScheduleError) -> str | None:
    return None
