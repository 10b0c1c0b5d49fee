from services.production_dispatch.app import APP
from shared.hosting import serve

serve(APP)
