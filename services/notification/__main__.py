from services.notification.app import APP
from shared.hosting import serve

serve(APP)
