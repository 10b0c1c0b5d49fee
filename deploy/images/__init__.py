"""How the images are made where no image registry can be reached."""
