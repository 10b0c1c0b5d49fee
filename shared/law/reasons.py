"""Why an officer may annul (p.11): codes under three grounds, with the texts that go to the citizen word for word."""

from __future__ import annotations

from dataclasses import dataclass

from shared.contracts.ums_review import AnnulmentGround
from shared.law.regions import Locale

PHOTO, SIGNATURE, EXTRA_CHECKS = AnnulmentGround.PHOTO, AnnulmentGround.SIGNATURE, AnnulmentGround.EXTRA_CHECKS
WRONG_FILLING, CIRCUMSTANCE_CHANGED = "WRONG_FILLING", "CIRCUMSTANCE_CHANGED"


@dataclass(frozen=True, slots=True)
class AnnulmentReason:
    code: str
    ground: AnnulmentGround
    ru: str
    kk: str

    def text(self, locale: Locale) -> str:
        return self.ru if locale == "ru" else self.kk


GROUND_TEXTS: dict[AnnulmentGround, tuple[str, str]] = {
    PHOTO: ("Фотография не соответствует требованиям.", "Фотосурет талаптарға сай емес."),
    SIGNATURE: ("Образец подписи не соответствует требованиям.", "Қол қою үлгісі талаптарға сай емес."),
    EXTRA_CHECKS: ("Требуется проведение дополнительных проверок.", "Қосымша тексерулер жүргізу қажет."),
}
"""What a ground says by itself: (ru, kk)."""

REASONS = {
    reason.code: reason
    for reason in (
        AnnulmentReason("PHOTO_BACKGROUND", PHOTO, "Фон фотографии не однотонный или не светлый.",
                        "Фотосуреттің аясы біркелкі немесе ашық түсті емес."),
        AnnulmentReason("PHOTO_BLURRED", PHOTO, "Изображение лица нечёткое.", "Бет бейнесі анық емес."),
        AnnulmentReason("PHOTO_LIGHT", PHOTO, "На лице тени, блики или неравномерное освещение.",
                        "Бетте көлеңке, шағылысу немесе біркелкі емес жарық бар."),
        AnnulmentReason("PHOTO_POSE", PHOTO, "Голова повёрнута или наклонена, взгляд направлен не в камеру.",
                        "Бас бұрылған немесе еңкейтілген, көзқарас камераға бағытталмаған."),
        AnnulmentReason("PHOTO_EYES", PHOTO, "Глаза закрыты или не видны.", "Көз жұмулы немесе көрінбейді."),
        AnnulmentReason("PHOTO_EXPRESSION", PHOTO, "Выражение лица не нейтральное, рот открыт.",
                        "Бет әлпеті бейтарап емес, ауыз ашық."),
        AnnulmentReason("PHOTO_COVERED", PHOTO, "Лицо закрыто головным убором, волосами или посторонним предметом.",
                        "Бет бас киіммен, шашпен немесе бөгде затпен жабылған."),
        AnnulmentReason("PHOTO_SIZE", PHOTO, "Размер лица или поля вокруг него не соответствуют требованиям.",
                        "Беттің өлшемі немесе айналасындағы жиектер талаптарға сай емес."),
        AnnulmentReason("PHOTO_RETOUCHED", PHOTO, "Фотография обработана или снята с другого изображения.",
                        "Фотосурет өңделген немесе басқа бейнеден түсірілген."),
        AnnulmentReason("PHOTO_OUTDATED", PHOTO, "Фотография не отражает нынешнюю внешность заявителя.",
                        "Фотосурет өтініш берушінің қазіргі келбетін көрсетпейді."),
        AnnulmentReason("PHOTO_OTHER_PERSON", PHOTO, "На фотографии не заявитель или не один человек.",
                        "Фотосуретте өтініш беруші емес немесе бірнеше адам бейнеленген."),
        AnnulmentReason("SIGNATURE_CUT", SIGNATURE, "Подпись обрезана или выходит за границы.",
                        "Қолтаңба кесілген немесе шекарадан шығып кеткен."),
        AnnulmentReason("SIGNATURE_FAINT", SIGNATURE, "Подпись бледная или неразборчивая.",
                        "Қолтаңба көмескі немесе анық емес."),
        AnnulmentReason("SIGNATURE_BACKGROUND", SIGNATURE, "На образце подписи есть посторонние знаки или фон.",
                        "Қол қою үлгісінде бөгде белгілер немесе ая бар."),
        AnnulmentReason("SIGNATURE_NOT_BY_HAND", SIGNATURE, "Подпись выполнена не от руки.",
                        "Қолтаңба қолмен қойылмаған."),
        AnnulmentReason("SIGNATURE_NONE", SIGNATURE, "На изображении нет подписи.", "Суретте қолтаңба жоқ."),
        AnnulmentReason("SIGNATURE_DIFFERS", SIGNATURE, "Подпись отличается от подписи заявителя.",
                        "Қолтаңба өтініш берушінің қолтаңбасынан өзгеше."),
        AnnulmentReason(WRONG_FILLING, EXTRA_CHECKS, "Поля заявки заполнены неверно.",
                        "Өтінімнің жолдары дұрыс толтырылмаған."),
        AnnulmentReason("RECORDS_CONTRADICT", EXTRA_CHECKS,
                        "Сведения заявки расходятся со сведениями государственных баз.",
                        "Өтінім мәліметтері мемлекеттік дерекқорлардағы мәліметтермен сәйкес келмейді."),
        AnnulmentReason("BIRTH_PLACE_UNCLEAR", EXTRA_CHECKS, "Место рождения требует уточнения.",
                        "Туған жерін нақтылау қажет."),
        AnnulmentReason("DOCUMENT_DOUBTED", EXTRA_CHECKS, "Сведения о действующем удостоверении требуют проверки.",
                        "Қолданыстағы жеке куәлік туралы мәліметтерді тексеру қажет."),
        AnnulmentReason("IDENTITY_DOUBTED", EXTRA_CHECKS, "Личность заявителя требует подтверждения при личной явке.",
                        "Өтініш берушінің жеке басын өзі келгенде растау қажет."),
        AnnulmentReason(CIRCUMSTANCE_CHANGED, EXTRA_CHECKS, "После подачи заявки изменились сведения о заявителе.",
                        "Өтінім берілгеннен кейін өтініш беруші туралы мәліметтер өзгерді."),
        AnnulmentReason("INPUT_CONTROL", EXTRA_CHECKS, "Заявка не прошла входной контроль при изготовлении документа.",
                        "Өтінім құжатты дайындау кезіндегі кіріс бақылауынан өтпеді."),
        AnnulmentReason("CHECK_IN_PERSON", EXTRA_CHECKS, "Для проверки сведений обратитесь в ЦОН лично.",
                        "Мәліметтерді тексеру үшін ХҚКО-ға өзіңіз жүгініңіз."),
    )
}  # fmt: skip


def reasons_of(ground: AnnulmentGround) -> tuple[AnnulmentReason, ...]:
    """The reasons an officer may name under a ground."""
    return tuple(reason for reason in REASONS.values() if reason.ground is ground)


def texts_of(ground: AnnulmentGround, codes: tuple[str, ...], locale: Locale) -> tuple[str, ...]:
    """The ground, then each reason, as separate sentences. A code that is not known here adds nothing."""
    ru, kk = GROUND_TEXTS[ground]
    return (ru if locale == "ru" else kk, *(REASONS[code].text(locale) for code in codes if code in REASONS))


def foreign(ground: AnnulmentGround, codes: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the codes that are no reason under this ground."""
    return tuple(code for code in codes if code not in REASONS or REASONS[code].ground is not ground)
