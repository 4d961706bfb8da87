"""Words that carry no subject, in both languages: a question's are dropped before the lexical leg sees it.

English questions meet German text (and the other way round), so both lists apply to every question; a word that is
a stop word in one language and a content word in the other ("die", "war", "so") is dropped only from questions in
the language where it is one.
"""

from __future__ import annotations

GERMAN = frozenset(
    """
    aber alle allem allen aller alles als also am an andere anderem anderen anderer anderes auch auf aus ausser
    bei beim bereits bevor bin bis bisher bist bzw da dabei dadurch dafür dagegen daher dahin damals damit
    danach daneben dann daran darauf daraus darf darin darum darunter darüber das dass davon davor dazu dein
    deine deinem deinen deiner dem demnach den denen denn dennoch der deren des deshalb dessen desto deswegen
    dich die dies diese dieselbe diesem diesen dieser dieses dir doch dort du durch durfte dürfen eben ebenfalls
    ebenso eher ein eine einem einen einer eines einige einigen einiger einiges einmal er erst es etwa etwas
    euch euer eure falls fast für ganz gar gegen gehe gehen geht gemäss genau gerade gern gibt ging gingen habe
    haben habt hat hatte hatten her hier hierzu hin hinter hätte hätten ich ihm ihn ihnen ihr ihre ihrem ihren
    ihrer ihres im immer in indem innerhalb ins insbesondere inzwischen irgend ist ja je jede jedem jeden jeder
    jedes jedoch jemand jene jenem jenen jener jenes jetzt kam kamen kann kannst kein keine keinem keinen keiner
    keines kommen kommt konnte konnten können könnte könnten lassen lediglich lässt machen macht machte machten
    man manche manchem manchen mancher manches mehr mein meine meinem meinen meiner meist mich mir mit muss
    musste mussten möchte mögen müssen nach nachdem nahezu neben nein nicht nichts nie niemand noch nun nur ob
    obwohl oder oft ohne schon sehr sei seien sein seine seinem seinen seiner seines seit seitdem selbst sich
    sie sind so sobald sofern sogar solange solch solche solchem solchen solcher solches soll sollen sollte
    sollten somit sondern sonst soweit sowie sowohl statt tat tun tut um und uns unser unsere unserem unseren
    unserer unter usw viel viele vielem vielen vieler vom von vor wann war waren warst warum was weder weil
    weiter weitere weiteren weiterhin welche welchem welchen welcher welches wem wen wenig wenige weniger wenn
    wer werde werden weshalb wessen wie wieder wieso will wir wird wo wobei wodurch wofür woher wohin womit
    woran worauf woraus worden worin worüber wovon wozu wurde wurden während würde würden zb zu zudem zum zumal
    zur zwar zwischen über überhaupt
    """.split()
)

ENGLISH = frozenset(
    """
    a about above after again against all also am an and any are aren as at be because been before being below
    between both but by can cannot could couldn did didn do does doesn doing don down during each either else
    ever every few for from further get gets had hadn has hasn have haven having he hence her here hers herself
    him himself his how however i if in into is isn it its itself just let ll many may me might more most much
    must mustn my myself neither no nor not now of off often on once only onto or other otherwise ought our ours
    ourselves out over own per quite rather re same shall she should shouldn since so some such than that the
    their theirs them themselves then there therefore these they this those though through thus to too under
    until up upon ve very was wasn we were weren what whatever when whence where whereas whether which while who
    whoever whom whose why will with within without would wouldn yet you your yours yourself yourselves s t
    d m
    """.split()
)


def stop_words(language: str) -> frozenset[str]:
    """The list of one language; empty for languages we do not know."""
    return {"de": GERMAN, "en": ENGLISH}.get(language, frozenset())
