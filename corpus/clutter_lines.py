"""Lines that web pages put around an article, known by their own words: German and English.

Each pattern must match a line from end to end, so a sentence that merely mentions an advertisement or a newsletter is
never one of them.
"""

from __future__ import annotations

import re

_DECORATION = " \t\u00a0-–—•·|>»›«‹*_#=~▶►▸→+"
_LONGEST = 400  # code points: longer lines are prose, whatever they begin with

_SENDERS = "(?:facebook|twitter|x|whatsapp|linkedin|xing|e-?mail|mail|telegram|threema|signal|pinterest|reddit|pocket"
_SENDERS += "|flipboard|bluesky|mastodon|threads|instagram|youtube|tiktok|drucken|print|merken|teilen|share|tweet"
_SENDERS += "|speichern|save|link kopieren|copy link|url kopieren|vorlesen|feedback|pdf|rss)"

_LABELS = (
    # advertising
    r"(?:anzeigen?|werbung|advertorial|advertisements?|ads?|sponsored(?: content| post)?|promoted|gesponsert|promotion"
    r"|bezahlte anzeige|paid content|anzeige\W+\w+ anzeige|werbung\W+anzeige|continue reading below"
    r"|story continues below"
    r"(?: advertisement)?|article continues (?:below|after)(?: (?:this )?(?:advertisement|ad))?"
    r"|nach der anzeige geht es weiter|dieser artikel enthält (?:werbe|affiliate)\W?links?.{0,80})",
    # comments
    r"kommentare?\s*\(?\d*\)?|\d+ kommentare?|kommentare? (?:anzeigen|lesen|laden|schreiben|verfassen|hinterlassen)"
    r"|kommentieren|(?:zu den|alle) kommentaren?.{0,20}|comments?\s*\(?\d*\)?|\d+ comments?"
    r"|(?:leave|add|post|write) a (?:comment|reply)|(?:join|start) the (?:conversation|discussion)"
    r"|(?:view|show|read) (?:all )?(?:\d+ )?comments?|diskutieren sie mit.{0,40}|schreiben sie einen kommentar.{0,40}",
    # listening and reading aids
    r"(?:diesen )?(?:artikel|beitrag|text) (?:an|vor|zu)?(?:hören|lesen)(?: lassen)?|vorlesen|jetzt anhören"
    r"|(?:listen to|hear|print|save) this (?:article|story|page)(?: \S{1,8}){0,3}|audio version|play audio"
    r"|(?:lese(?:zeit|dauer)|reading time)\W{0,3}(?:ca\. ?)?\d+ ?min\w*\.?|\d+ ?min(?:\.|uten|utes?)?\W?(?:read"
    r"|lesezeit)"
    r"|schriftgröße.{0,20}|font size.{0,20}|zusammenfassung anzeigen|inhaltsverzeichnis|table of contents",
    # sharing
    rf"(?:{_SENDERS}\W*)+|(?:diesen |den )?(?:artikel|beitrag)\W? (?:teilen|drucken|merken|empfehlen|speichern"
    rf"|kommentieren)"
    rf"|share (?:this|on|via|with)\b.{{0,60}}|(?:auf|per|via|bei) {_SENDERS} (?:teilen|senden|versenden|posten|folgen)"
    rf"|(?:tweet|pin|email|follow) (?:this|it|us)\b.{{0,60}}|folgen sie uns.{{0,80}}|follow us\b.{{0,80}}|jetzt teilen",
    # navigation and legal lines
    r"impressum|datenschutz(?:erklärung|hinweise?)?|agb|kontakt|nutzungsbedingungen|barrierefreiheit|terms (?:of"
    r"|and) \w+"
    r"|privacy(?: policy| notice)?|contact(?: us)?|about us|über uns|all rights reserved\.?|alle rechte vorbehalten\.?"
    r"|(?:zurück )?(?:zur|nach) (?:startseite|übersicht|oben)|back to (?:top|home|overview)|nach oben|startseite"
    r"|home(?:page)?"
    r"|skip to (?:main )?content|(?:direkt )?zum (?:haupt)?inhalt(?: springen)?|men[üu]|suche|search|log ?in|anmelden"
    r"|registrieren|einloggen|ausloggen|sign (?:in|up|out)|log out|loading\W*|wird geladen\W*|mehr anzeigen|show more"
    r"|weiterlesen(?: nach der anzeige)?|mehr (?:lesen|erfahren)|learn more|view more|next(?: article| page)?"
    r"|previous(?: \w+)?"
    r"|(?:nächster|vorheriger) (?:artikel|beitrag)|\d{1,3} ?/ ?\d{1,3}|(?:seite|page) \d+(?: (?:von|of|/) ?\d+)?",
    # agencies alone on a line
    r"\(?(?:dpa|afp|reuters|ap|apa|kna|epd|sda|rtr|ots|dpa-afx|bloomberg)(?:\W+[a-z]{2,10}){0,3}\)?",
)

_RELATED = (
    r"(?:lesen|sehen|hören|schauen) sie (?:auch|mehr|hierzu|dazu|weiter|jetzt|hier)\b.{0,160}"
    r"|(?:lies|lest|siehe) (?:auch|mehr|dazu|hierzu)\b.{0,160}"
    r"|mehr (?:zum thema|dazu|von|aus|über|zu)\b[^.!?]{0,60}|zum thema\W?[^.!?]{0,60}|auch (?:interessant"
    r"|lesenswert)\W?.{0,100}"
    r"|das könnte (?:sie|dich|euch)(?: auch| ebenfalls)? interessieren\W?.{0,60}|passend dazu\W.{0,100}"
    r"|(?:weitere|ähnliche|verwandte|neueste|aktuelle|beliebte) (?:artikel|beiträge|meldungen|nachrichten|themen"
    r"|news|videos)"
    r"\b[^.!?]{0,160}|meistgelesen\w*[^.]{0,30}|top.?(?:themen|artikel|stories)|empfehlungen(?: der redaktion)?"
    r"|unsere empfehlung\w*.{0,60}"
    r"|(?:read|see|hear|watch) (?:more|also|next|on|the full \w+)\b(?!\W*than).{0,160}|also read\b.{0,160}"
    r"|related(?: (?:articles?|stories|story|topics?|content|posts?|news|coverage|links?))?\W?(?:: .{0,160})?"
    r"|more (?:on|from|about)\b[^.!?]{0,80}|you (?:may|might)(?: also)? (?:like|be interested in)\W?.{0,60}"
    r"|recommended(?: (?:for you|stories|reading|articles))?\W?|(?:most|more) (?:read|popular"
    r"|viewed)\W?[^.]{0,30}|trending\W?(?: now)?"
    r"|(?:don.?t miss|editor.?s.? (?:picks?|choice))\W?.{0,100}|(?:schlagworte|schlagwörter|stichworte|themen"
    r"|tags?|topics?)\s*:.{0,200}"
)

_CALLS = (
    # newsletters, subscriptions
    r"(?:abonnieren sie|abonniere|melden sie sich|melde dich|bestellen sie|erhalten sie|tragen sie sich|verpassen sie"
    r"|sign up|subscribe|get (?:our|the|your)|join (?:our|the)|stay (?:up to date|informed)|enter your e-?mail)\b"
    r".{0,160}(?:newsletter|inbox|postfach|posteingang|e-?mail|kanal|channel|updates?|benachrichtigung\w*)\b.{0,120}"
    r"|(?:jetzt|hier|kostenlos\w*|gratis|unser\w*|zum|täglich\w*|daily|weekly|free"
    r"|the)?\W?(?:[\w-]+ ){0,4}[\w-]*newsletter\b"
    r"(?:[ :,–-]{1,3}\w+){0,6}(?:[ :,–-]{1,3}(?:bestellen|abonnieren|anmelden"
    r"|anfordern|sichern|abonnement)|!|\W?sign.?up)[!\s»>]*"
    r"|newsletter"
    r"|(?:jetzt|hier|now) (?:abonnieren|mitglied werden|registrieren|anmelden|spenden|testen|bestellen|kaufen"
    r"|sichern)\b.{0,80}"
    r"|subscribe(?: now| today| to continue reading| for .{0,60})?\W?|become a (?:member|subscriber|supporter"
    r"|patron)\b.{0,80}"
    r"|(?:weiterlesen|alle artikel lesen|unbegrenzt lesen) mit\b.{0,80}|(?:already a|not a) (?:subscriber"
    r"|member)\b.{0,60}"
    r"|(?:bereits|schon) (?:abonnent|kunde|registriert|mitglied)\b.{0,60}|(?:this|dieser) (?:article"
    r"|artikel) (?:is|ist) (?:only|nur|exklusiv)\b.{0,100}"
    # donations
    r"|(?:support|unterstütze(?:n sie)?|unterstützt) (?:us|our|uns|unser\w*|unabhängig\w*|independent)\b.{0,200}"
    r"|(?:jede[rs]?|every) (?:beitrag|euro|cent|spende|unterstützung|contribution|dollar|donation"
    r"|pound) (?:zählt|hilft|counts|helps|matters)\b.{0,100}"
    r"|(?:unser\w*|our|diese\w*) (?:inhalte|artikel|angebote?|seite|journalismus|content|journalism|articles?|site)\b"
    r".{0,200}(?:kostenlos|kostenfrei|werbefrei|unterstützung|spenden?|free|donations?"
    r"|support)\b.{0,200}(?:unterstützung|spenden?|support|donations?|zahlen|pay)\b.{0,80}"
    r"|(?:spenden sie|donate)\b.{0,100}|.{0,40}\b(?:ohne|without a|no) paywall\W?"
    # cookies
    r"|(?:we|wir|this (?:web)?site|diese (?:web)?seite|diese website|unsere (?:website|webseite|seite)"
    r"|our (?:web)?site)"
    r" (?:use[sn]?|verwende[nt]|nutz(?:en|t)|setz(?:en|t))\b.{0,60}\bcookies?\b.{0,300}"
    r"|(?:accept|reject|manage|allow) (?:all )?cookies\W?|(?:alle )?cookies? (?:akzeptieren|ablehnen|zulassen"
    r"|verwalten|einstellungen)\W?"
    r"|cookie.?(?:einstellungen|richtlinie|hinweis|settings|policy|preferences|notice)\W?"
    r"|(?:alle )?(?:akzeptieren|ablehnen)"
)

_PICTURE = (
    r"(?:fotos?|bild(?:er|quelle|nachweis|rechte)?|grafik(?:en)?|photos?|images?|pictures?|(?:photo )?credits?"
    r"|illustrations?|video(?:quelle)?"
    r"|archiv(?:foto|bild)|symbol(?:foto|bild)|screenshots?|copyright|titelbild|caption|bildunterschrift"
    r"|aufmacher(?:bild|foto)?)"
)
_CREDIT_LINE = (
    rf"(?:©|\(c\)|copyright ©?)\s*.{{1,100}}|{_PICTURE}\s*(?::|/|©|\|)\s*.{{1,140}}|\(?{_PICTURE} (?:by|von"
    rf"|courtesy of|via) [^.]{{1,80}}\)?"
    rf"|\({_PICTURE}\s*:?[^()]{{0,100}}\)|{_PICTURE}"
    r"|.{1,40}/(?:reuters|dpa|afp|ap|getty images|imago|shutterstock|picture alliance|unsplash|adobe stock"
    r"|istock)\b.{0,40}"
    r"|(?:getty images|shutterstock|picture alliance|unsplash|adobe stock|imago(?: images)?|pixabay"
    r"|istock)(?:\s?[/|,(©].{0,40})?"
)
_CREDIT_AT_END = (
    rf".{{10,{_LONGEST}}}?(?:[\s.]\({_PICTURE}\s*(?::|©|/|by |von |courtesy)[^()]{{1,100}}\)|\s\((?:ap photo"
    rf"|symbolbild|symbolfoto|archivbild)[^()]{{0,60}}\)"
    rf"|\s[|/–-]?\s?{_PICTURE}\s?: [^.!?:]{{1,60}}|\s©\s?[^.!?]{{1,60}})\.?"
)


def _compiled(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)


_CLUTTER = _compiled(*_LABELS, _RELATED, _CALLS, _CREDIT_LINE, _CREDIT_AT_END)
_RELATED_LINE = _compiled(_RELATED)
_CREDIT = _compiled(_CREDIT_LINE)
_COMMENTS = _compiled(_LABELS[1])


def bare(line: str) -> str:
    """The line without the bullets and bars around it, its white space single."""
    return " ".join(line.split()).strip(_DECORATION)


def is_clutter(line: str) -> bool:
    """Whether a line (see ``bare``) is page furniture by its own words."""
    return len(line) <= _LONGEST and (not line or _CLUTTER.fullmatch(line) is not None)


def is_credit(line: str) -> bool:
    """Whether a line only says whom a picture belongs to: the line above it may be its caption."""
    return len(line) <= _LONGEST and _CREDIT.fullmatch(line) is not None


def introduces_links(line: str) -> bool:
    """Whether a line such as "Lesen Sie auch:" announces links to other articles."""
    return len(line) <= _LONGEST and _RELATED_LINE.fullmatch(line) is not None


def opens_comments(line: str) -> bool:
    """Whether a line such as "Kommentare (3)" heads what readers wrote."""
    return len(line) <= _LONGEST and _COMMENTS.fullmatch(line) is not None
