from services.intake.app import APP
from shared.hosting import serve

serve(APP)
