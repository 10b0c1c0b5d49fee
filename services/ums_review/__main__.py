from services.ums_review.app import APP
from shared.hosting import serve

serve(APP)
