"""What `up` fills an empty database with, so that there is something to click on. Only under DEBUG."""
