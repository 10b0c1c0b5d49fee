from services.payment.app import APP
from shared.hosting import serve

serve(APP)
