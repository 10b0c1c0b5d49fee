from services.saga_coordinator.app import APP
from shared.hosting import serve

serve(APP)
