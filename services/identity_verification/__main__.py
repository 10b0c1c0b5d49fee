from services.identity_verification.app import APP
from shared.hosting import serve

serve(APP)
