"""会议模式: the brief as full-screen screens over data that stand still."""
