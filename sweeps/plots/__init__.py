"""Pictures: each is a function that gets its data and one that draws it; drawing never trains."""
def draw_all(*a):
    return []
