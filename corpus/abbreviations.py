"""Words that end in a full stop without ending a sentence, and words that begin one: German and English."""

from __future__ import annotations


def word_set(text: str) -> frozenset[str]:
    """The words of a list written as running text."""
    return frozenset(text.split())


# Something always follows these within the sentence. Lower case, without the last full stop.
NEVER_END = word_set(
    """
    dr prof hr hrn fr frl st dipl ing med phil jur rer nat habil hc h.c präs vors stellv gen sen rep gov col sgt
    capt rev hon pres mr mrs ms messrs mme z.b d.h i.d.r u.u i.e e.g s.o s.u m.e m.w v.a i.d i.s i.v i.a z.zt
    z.hd bzw vgl vergl ca nr nrn abs bd bde kap abb tab tel ggf evtl inkl exkl einschl zzgl abzgl bspw
    beispielsw sog insb insbes durchschn zw gem lt sg resp zb dh vs viz cf fig figs eq eqs vol vols pp ed eds
    approx est no nos art dept univ art.nr ehem geb gest gegr verh ev kath franz engl dt chin amerik jap brit
    russ europ frz ital griech urspr ggü gg bearb hrsg übers verf anm aufl ausg jg zs zit nachm vorm tägl monatl
    jährl mtl wg betr bez entspr feb febr jan jän mrz apr jun jul aug sep sept okt oct nov dez dec
    """
)

# These may stand last: a sentence ends only where one clearly begins. Lower case, without the last full stop.
MAY_END = word_set(
    """
    usw etc ff usf u.a u.ä o.ä u.v.m v.m u.v.a u.s.w s.w u.dgl v.chr n.chr b.c a.d a.m p.m a.c mio mrd bio trd
    tsd std min max mind mag sek stck stk qm inc ltd co corp bros jr sr u.s u.k u.n e.u d.c u.s.a al jh jhd str
    z.t o.g p.a n.n e.v a.g abt ave blvd rd mt ph.d m.a b.a m.sc b.sc llp plc n.y l.a intl
    """
)

# One-letter names that close a sentence where these precede: "Plan B.", "Vitamin C."
LETTERED = word_set(
    """
    plan vitamin typ type klasse class teil part gruppe group variante version option serie series stufe
    kategorie category punkt fall hepatitis anlage annex punkt team score note grade sektion section liga runde
    round
    """
)

# Nouns that an ordinal number goes with: "im 2. Quartal".
COUNTED = word_set(
    """
    januar jänner februar märz april mai juni juli august september oktober november dezember quartal halbjahr
    jahr jahrhundert jahrtausend jahrzehnt weltkrieg tag woche monat stunde minute mal platz rang stock
    stockwerk etage obergeschoss klasse liga bundesliga generation auflage kapitel artikel absatz satz band
    advent geburtstag jahrestag lebensjahr sitzung runde spieltag parteitag parteikongress legislaturperiode
    wahlperiode amtszeit etappe halbzeit stelle fünfjahresplan volkskongress ausgabe folge
    """
)

# Before an ordinal number stands one of these: "am 3. Mai", "der 2. Senat".
BEFORE_ORDINALS = word_set(
    """
    am im zum zur vom beim der die das dem den des ein eine einer einem einen eines jeder jede jedes jedem jeden
    dieser diese dieses diesem diesen ihr ihre ihrem ihren ihrer sein seine seinem seinen seiner unser unsere
    unserem ins ans montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag mo di mi do fr sa so
    deren dessen
    """
)

# Function words that, capitalised, almost always begin a sentence.
STARTERS = word_set(
    """
    der die das den dem des ein eine einer einem einen eines er sie es wir ich ihr du man dies diese dieser
    dieses diesem diesen jene jener jenes in im an am auf aus bei beim mit nach seit von vom vor zu zum zur für
    über unter durch gegen ohne um doch aber und oder denn auch noch nun jetzt dann danach damit dabei dazu
    dagegen dafür darum darauf darin davon daran deshalb daher deswegen somit folglich trotzdem dennoch
    allerdings jedoch hingegen indes zudem außerdem ferner während wenn weil da als ob obwohl nachdem bevor bis
    wie wer was wo warum wann weshalb wieso welche welcher welches laut gemäß so schon bereits erst nur hier
    dort heute gestern morgen zwar statt anstatt insgesamt nicht nichts kein keine keiner alle allein viele
    einige mehrere manche mehr beide jeder jede jedes sein seine ihre sollte selbst sogar vielmehr immerhin
    dadurch hinzu ebenso ähnlich anders inzwischen mittlerweile zuletzt zuvor später zunächst zuerst schließlich
    endlich bislang bisher künftig kurz trotz wegen angesichts neben zwischen innerhalb the a he she it they we
    you this that these those on at by for from with to but nor or if when after before since although though
    however meanwhile there its their his her our not no now then what who how why where which some many most
    both one another such as even still yet because until unless under over between during despite last while
    """
)
