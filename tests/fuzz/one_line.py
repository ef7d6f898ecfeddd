"""What an error must be for a user to act on it."""


def is_one_line(message: str) -> bool:
    return bool(message.strip()) and "\n" not in message and len(message) < 1000 and "Traceback" not in message
