/* pii_tld.c - the top-level domains of the internet, sorted (IANA's root zone as in Debian's publicsuffix list). */
#include "pii/pii_find.h"

static const char TLDS[] =
    "aaa\0aarp\0abarth\0abb\0abbott\0abbvie\0abc\0able\0abogado\0abudhabi\0ac\0academy\0accenture\0"
    "accountant\0accountants\0aco\0actor\0ad\0ads\0adult\0ae\0aeg\0aero\0aetna\0af\0afl\0africa\0ag\0"
    "agakhan\0agency\0ai\0aig\0airbus\0airforce\0airtel\0akdn\0al\0alfaromeo\0alibaba\0alipay\0"
    "allfinanz\0allstate\0ally\0alsace\0alstom\0am\0amazon\0americanexpress\0americanfamily\0amex\0"
    "amfam\0amica\0amsterdam\0analytics\0android\0anquan\0anz\0ao\0aol\0apartments\0app\0apple\0aq\0"
    "aquarelle\0ar\0arab\0aramco\0archi\0army\0arpa\0art\0arte\0as\0asda\0asia\0associates\0at\0"
    "athleta\0attorney\0au\0auction\0audi\0audible\0audio\0auspost\0author\0auto\0autos\0avianca\0aw\0"
    "aws\0ax\0axa\0az\0azure\0ba\0baby\0baidu\0banamex\0bananarepublic\0band\0bank\0bar\0barcelona\0"
    "barclaycard\0barclays\0barefoot\0bargains\0baseball\0basketball\0bauhaus\0bayern\0bb\0bbc\0bbt\0"
    "bbva\0bcg\0bcn\0bd\0be\0beats\0beauty\0beer\0bentley\0berlin\0best\0bestbuy\0bet\0bf\0bg\0bh\0"
    "bharti\0bi\0bible\0bid\0bike\0bing\0bingo\0bio\0biz\0bj\0black\0blackfriday\0blockbuster\0blog\0"
    "bloomberg\0blue\0bm\0bms\0bmw\0bn\0bnpparibas\0bo\0boats\0boehringer\0bofa\0bom\0bond\0boo\0book\0"
    "booking\0bosch\0bostik\0boston\0bot\0boutique\0box\0br\0bradesco\0bridgestone\0broadway\0broker\0"
    "brother\0brussels\0bs\0bt\0build\0builders\0business\0buy\0buzz\0bv\0bw\0by\0bz\0bzh\0ca\0cab\0"
    "cafe\0cal\0call\0calvinklein\0cam\0camera\0camp\0canon\0capetown\0capital\0capitalone\0car\0"
    "caravan\0cards\0care\0career\0careers\0cars\0casa\0case\0cash\0casino\0cat\0catering\0catholic\0"
    "cba\0cbn\0cbre\0cbs\0cc\0cd\0center\0ceo\0cern\0cf\0cfa\0cfd\0cg\0ch\0chanel\0channel\0charity\0"
    "chase\0chat\0cheap\0chintai\0christmas\0chrome\0church\0ci\0cipriani\0circle\0cisco\0citadel\0"
    "citi\0citic\0city\0cityeats\0ck\0cl\0claims\0cleaning\0click\0clinic\0clinique\0clothing\0cloud\0"
    "club\0clubmed\0cm\0cn\0co\0coach\0codes\0coffee\0college\0cologne\0com\0comcast\0commbank\0"
    "community\0company\0compare\0computer\0comsec\0condos\0construction\0consulting\0contact\0"
    "contractors\0cooking\0cookingchannel\0cool\0coop\0corsica\0country\0coupon\0coupons\0courses\0cpa\0"
    "cr\0credit\0creditcard\0creditunion\0cricket\0crown\0crs\0cruise\0cruises\0cu\0cuisinella\0cv\0cw\0"
    "cx\0cy\0cymru\0cyou\0cz\0dabur\0dad\0dance\0data\0date\0dating\0datsun\0day\0dclk\0dds\0de\0deal\0"
    "dealer\0deals\0degree\0delivery\0dell\0deloitte\0delta\0democrat\0dental\0dentist\0desi\0design\0"
    "dev\0dhl\0diamonds\0diet\0digital\0direct\0directory\0discount\0discover\0dish\0diy\0dj\0dk\0dm\0"
    "dnp\0do\0docs\0doctor\0dog\0domains\0dot\0download\0drive\0dtv\0dubai\0dunlop\0dupont\0durban\0"
    "dvag\0dvr\0dz\0earth\0eat\0ec\0eco\0edeka\0edu\0education\0ee\0eg\0email\0emerck\0energy\0"
    "engineer\0engineering\0enterprises\0epson\0equipment\0er\0ericsson\0erni\0es\0esq\0estate\0et\0"
    "etisalat\0eu\0eurovision\0eus\0events\0exchange\0expert\0exposed\0express\0extraspace\0fage\0fail\0"
    "fairwinds\0faith\0family\0fan\0fans\0farm\0farmers\0fashion\0fast\0fedex\0feedback\0ferrari\0"
    "ferrero\0fi\0fiat\0fidelity\0fido\0film\0final\0finance\0financial\0fire\0firestone\0firmdale\0"
    "fish\0fishing\0fit\0fitness\0fj\0fk\0flickr\0flights\0flir\0florist\0flowers\0fly\0fm\0fo\0foo\0"
    "food\0foodnetwork\0football\0ford\0forex\0forsale\0forum\0foundation\0fox\0fr\0free\0fresenius\0"
    "frl\0frogans\0frontdoor\0frontier\0ftr\0fujitsu\0fun\0fund\0furniture\0futbol\0fyi\0ga\0gal\0"
    "gallery\0gallo\0gallup\0game\0games\0gap\0garden\0gay\0gb\0gbiz\0gd\0gdn\0ge\0gea\0gent\0genting\0"
    "george\0gf\0gg\0ggee\0gh\0gi\0gift\0gifts\0gives\0giving\0gl\0glass\0gle\0global\0globo\0gm\0"
    "gmail\0gmbh\0gmo\0gmx\0gn\0godaddy\0gold\0goldpoint\0golf\0goo\0goodyear\0goog\0google\0gop\0got\0"
    "gov\0gp\0gq\0gr\0grainger\0graphics\0gratis\0green\0gripe\0grocery\0group\0gs\0gt\0gu\0guardian\0"
    "gucci\0guge\0guide\0guitars\0guru\0gw\0gy\0hair\0hamburg\0hangout\0haus\0hbo\0hdfc\0hdfcbank\0"
    "health\0healthcare\0help\0helsinki\0here\0hermes\0hgtv\0hiphop\0hisamitsu\0hitachi\0hiv\0hk\0hkt\0"
    "hm\0hn\0hockey\0holdings\0holiday\0homedepot\0homegoods\0homes\0homesense\0honda\0horse\0hospital\0"
    "host\0hosting\0hot\0hoteles\0hotels\0hotmail\0house\0how\0hr\0hsbc\0ht\0hu\0hughes\0hyatt\0"
    "hyundai\0ibm\0icbc\0ice\0icu\0id\0ie\0ieee\0ifm\0ikano\0il\0im\0imamat\0imdb\0immo\0immobilien\0"
    "in\0inc\0industries\0infiniti\0info\0ing\0ink\0institute\0insurance\0insure\0int\0international\0"
    "intuit\0investments\0io\0ipiranga\0iq\0ir\0irish\0is\0ismaili\0ist\0istanbul\0it\0itau\0itv\0"
    "jaguar\0java\0jcb\0je\0jeep\0jetzt\0jewelry\0jio\0jll\0jm\0jmp\0jnj\0jo\0jobs\0joburg\0jot\0joy\0"
    "jp\0jpmorgan\0jprs\0juegos\0juniper\0kaufen\0kddi\0ke\0kerryhotels\0kerrylogistics\0"
    "kerryproperties\0kfh\0kg\0kh\0ki\0kia\0kids\0kim\0kinder\0kindle\0kitchen\0kiwi\0km\0kn\0koeln\0"
    "komatsu\0kosher\0kp\0kpmg\0kpn\0kr\0krd\0kred\0kuokgroup\0kw\0ky\0kyoto\0kz\0la\0lacaixa\0"
    "lamborghini\0lamer\0lancaster\0lancia\0land\0landrover\0lanxess\0lasalle\0lat\0latino\0latrobe\0"
    "law\0lawyer\0lb\0lc\0lds\0lease\0leclerc\0lefrak\0legal\0lego\0lexus\0lgbt\0li\0lidl\0life\0"
    "lifeinsurance\0lifestyle\0lighting\0like\0lilly\0limited\0limo\0lincoln\0linde\0link\0lipsy\0live\0"
    "living\0lk\0llc\0llp\0loan\0loans\0locker\0locus\0lol\0london\0lotte\0lotto\0love\0lpl\0"
    "lplfinancial\0lr\0ls\0lt\0ltd\0ltda\0lu\0lundbeck\0luxe\0luxury\0lv\0ly\0ma\0macys\0madrid\0maif\0"
    "maison\0makeup\0man\0management\0mango\0map\0market\0marketing\0markets\0marriott\0marshalls\0"
    "maserati\0mattel\0mba\0mc\0mckinsey\0md\0me\0med\0media\0meet\0melbourne\0meme\0memorial\0men\0"
    "menu\0merckmsd\0mg\0mh\0miami\0microsoft\0mil\0mini\0mint\0mit\0mitsubishi\0mk\0ml\0mlb\0mls\0mm\0"
    "mma\0mn\0mo\0mobi\0mobile\0moda\0moe\0moi\0mom\0monash\0money\0monster\0mormon\0mortgage\0moscow\0"
    "moto\0motorcycles\0mov\0movie\0mp\0mq\0mr\0ms\0msd\0mt\0mtn\0mtr\0mu\0museum\0music\0mutual\0mv\0"
    "mw\0mx\0my\0mz\0na\0nab\0nagoya\0name\0natura\0navy\0nba\0nc\0ne\0nec\0net\0netbank\0netflix\0"
    "network\0neustar\0new\0news\0next\0nextdirect\0nexus\0nf\0nfl\0ng\0ngo\0nhk\0ni\0nico\0nike\0"
    "nikon\0ninja\0nissan\0nissay\0nl\0no\0nokia\0northwesternmutual\0norton\0now\0nowruz\0nowtv\0np\0"
    "nr\0nra\0nrw\0ntt\0nu\0nyc\0nz\0obi\0observer\0office\0okinawa\0olayan\0olayangroup\0oldnavy\0"
    "ollo\0om\0omega\0one\0ong\0onion\0onl\0online\0ooo\0open\0oracle\0orange\0org\0organic\0origins\0"
    "osaka\0otsuka\0ott\0ovh\0pa\0page\0panasonic\0paris\0pars\0partners\0parts\0party\0passagens\0pay\0"
    "pccw\0pe\0pet\0pf\0pfizer\0pg\0ph\0pharmacy\0phd\0philips\0phone\0photo\0photography\0photos\0"
    "physio\0pics\0pictet\0pictures\0pid\0pin\0ping\0pink\0pioneer\0pizza\0pk\0pl\0place\0play\0"
    "playstation\0plumbing\0plus\0pm\0pn\0pnc\0pohl\0poker\0politie\0porn\0post\0pr\0pramerica\0praxi\0"
    "press\0prime\0pro\0prod\0productions\0prof\0progressive\0promo\0properties\0property\0protection\0"
    "pru\0prudential\0ps\0pt\0pub\0pw\0pwc\0py\0qa\0qpon\0quebec\0quest\0racing\0radio\0re\0read\0"
    "realestate\0realtor\0realty\0recipes\0red\0redstone\0redumbrella\0rehab\0reise\0reisen\0reit\0"
    "reliance\0ren\0rent\0rentals\0repair\0report\0republican\0rest\0restaurant\0review\0reviews\0"
    "rexroth\0rich\0richardli\0ricoh\0ril\0rio\0rip\0ro\0rocher\0rocks\0rodeo\0rogers\0room\0rs\0rsvp\0"
    "ru\0rugby\0ruhr\0run\0rw\0rwe\0ryukyu\0sa\0saarland\0safe\0safety\0sakura\0sale\0salon\0samsclub\0"
    "samsung\0sandvik\0sandvikcoromant\0sanofi\0sap\0sarl\0sas\0save\0saxo\0sb\0sbi\0sbs\0sc\0sca\0scb\0"
    "schaeffler\0schmidt\0scholarships\0school\0schule\0schwarz\0science\0scot\0sd\0se\0search\0seat\0"
    "secure\0security\0seek\0select\0sener\0services\0seven\0sew\0sex\0sexy\0sfr\0sg\0sh\0shangrila\0"
    "sharp\0shaw\0shell\0shia\0shiksha\0shoes\0shop\0shopping\0shouji\0show\0showtime\0si\0silk\0sina\0"
    "singles\0site\0sj\0sk\0ski\0skin\0sky\0skype\0sl\0sling\0sm\0smart\0smile\0sn\0sncf\0so\0soccer\0"
    "social\0softbank\0software\0sohu\0solar\0solutions\0song\0sony\0soy\0spa\0space\0sport\0spot\0sr\0"
    "srl\0ss\0st\0stada\0staples\0star\0statebank\0statefarm\0stc\0stcgroup\0stockholm\0storage\0store\0"
    "stream\0studio\0study\0style\0su\0sucks\0supplies\0supply\0support\0surf\0surgery\0suzuki\0sv\0"
    "swatch\0swiss\0sx\0sy\0sydney\0systems\0sz\0tab\0taipei\0talk\0taobao\0target\0tatamotors\0tatar\0"
    "tattoo\0tax\0taxi\0tc\0tci\0td\0tdk\0team\0tech\0technology\0tel\0temasek\0tennis\0teva\0tf\0tg\0"
    "th\0thd\0theater\0theatre\0tiaa\0tickets\0tienda\0tiffany\0tips\0tires\0tirol\0tj\0tjmaxx\0tjx\0"
    "tk\0tkmaxx\0tl\0tm\0tmall\0tn\0to\0today\0tokyo\0tools\0top\0toray\0toshiba\0total\0tours\0town\0"
    "toyota\0toys\0tr\0trade\0trading\0training\0travel\0travelchannel\0travelers\0travelersinsurance\0"
    "trust\0trv\0tt\0tube\0tui\0tunes\0tushu\0tv\0tvs\0tw\0tz\0ua\0ubank\0ubs\0ug\0uk\0unicom\0"
    "university\0uno\0uol\0ups\0us\0uy\0uz\0va\0vacations\0vana\0vanguard\0vc\0ve\0vegas\0ventures\0"
    "verisign\0versicherung\0vet\0vg\0vi\0viajes\0video\0vig\0viking\0villas\0vin\0vip\0virgin\0visa\0"
    "vision\0viva\0vivo\0vlaanderen\0vn\0vodka\0volkswagen\0volvo\0vote\0voting\0voto\0voyage\0vu\0"
    "vuelos\0wales\0walmart\0walter\0wang\0wanggou\0watch\0watches\0weather\0weatherchannel\0webcam\0"
    "weber\0website\0wedding\0weibo\0weir\0wf\0whoswho\0wien\0wiki\0williamhill\0win\0windows\0wine\0"
    "winners\0wme\0wolterskluwer\0woodside\0work\0works\0world\0wow\0ws\0wtc\0wtf\0xbox\0xerox\0"
    "xfinity\0xihuan\0xin\0xn--11b4c3d\0xn--1ck2e1b\0xn--1qqw23a\0xn--2scrj9c\0xn--30rr7y\0xn--3bst00m\0"
    "xn--3ds443g\0xn--3e0b707e\0xn--3hcrj9c\0xn--3pxu8k\0xn--42c2d9a\0xn--45br5cyl\0xn--45brj9c\0"
    "xn--45q11c\0xn--4dbrk0ce\0xn--4gbrim\0xn--54b7fta0cc\0xn--55qw42g\0xn--55qx5d\0xn--5su34j936bgsg\0"
    "xn--5tzm5g\0xn--6frz82g\0xn--6qq986b3xl\0xn--80adxhks\0xn--80ao21a\0xn--80aqecdr1a\0xn--80asehdb\0"
    "xn--80aswg\0xn--8y0a063a\0xn--90a3ac\0xn--90ae\0xn--90ais\0xn--9dbq2a\0xn--9et52u\0xn--9krt00a\0"
    "xn--b4w605ferd\0xn--bck1b9a5dre4c\0xn--c1avg\0xn--c2br7g\0xn--cck2b3b\0xn--cckwcxetd\0xn--cg4bki\0"
    "xn--clchc0ea0b2g2a9gcd\0xn--czr694b\0xn--czrs0t\0xn--czru2d\0xn--d1acj3b\0xn--d1alf\0xn--e1a4c\0"
    "xn--eckvdtc9d\0xn--efvy88h\0xn--fct429k\0xn--fhbei\0xn--fiq228c5hs\0xn--fiq64b\0xn--fiqs8s\0"
    "xn--fiqz9s\0xn--fjq720a\0xn--flw351e\0xn--fpcrj9c3d\0xn--fzc2c9e2c\0xn--fzys8d69uvgm\0xn--g2xx48c\0"
    "xn--gckr3f0f\0xn--gecrj9c\0xn--gk3at1e\0xn--h2breg3eve\0xn--h2brj9c\0xn--h2brj9c8c\0xn--hxt814e\0"
    "xn--i1b6b1a6a2e\0xn--imr513n\0xn--io0a7i\0xn--j1aef\0xn--j1amh\0xn--j6w193g\0xn--jlq480n2rg\0"
    "xn--jvr189m\0xn--kcrx77d1x4a\0xn--kprw13d\0xn--kpry57d\0xn--kput3i\0xn--l1acc\0xn--lgbbat1ad8j\0"
    "xn--mgb2ddes\0xn--mgb9awbf\0xn--mgba3a3ejt\0xn--mgba3a4f16a\0xn--mgba3a4fra\0xn--mgba7c0bbn0a\0"
    "xn--mgbaakc7dvf\0xn--mgbaam7a8h\0xn--mgbab2bd\0xn--mgbah1a3hjkrd\0xn--mgbai9a5eva00b\0"
    "xn--mgbai9azgqp6j\0xn--mgbayh7gpa\0xn--mgbbh1a\0xn--mgbbh1a71e\0xn--mgbc0a9azcg\0xn--mgbca7dzdo\0"
    "xn--mgbcpq6gpa1a\0xn--mgberp4a5d4a87g\0xn--mgberp4a5d4ar\0xn--mgbgu82a\0xn--mgbi4ecexp\0"
    "xn--mgbpl2fh\0xn--mgbqly7c0a67fbc\0xn--mgbqly7cvafr\0xn--mgbt3dhd\0xn--mgbtf8fl\0xn--mgbtx2b\0"
    "xn--mgbx4cd0ab\0xn--mix082f\0xn--mix891f\0xn--mk1bu44c\0xn--mxtq1m\0xn--ngbc5azd\0xn--ngbe9e0a\0"
    "xn--ngbrx\0xn--nnx388a\0xn--node\0xn--nqv7f\0xn--nqv7fs00ema\0xn--nyqy26a\0xn--o3cw4h\0"
    "xn--ogbpf8fl\0xn--otu796d\0xn--p1acf\0xn--p1ai\0xn--pgbs0dh\0xn--pssy2u\0xn--q7ce6a\0xn--q9jyb4c\0"
    "xn--qcka1pmc\0xn--qxa6a\0xn--qxam\0xn--rhqv96g\0xn--rovu88b\0xn--rvc1e0am3e\0xn--s9brj9c\0"
    "xn--ses554g\0xn--t60b56a\0xn--tckwe\0xn--tiq49xqyj\0xn--unup4y\0xn--vermgensberater-ctb\0"
    "xn--vermgensberatung-pwb\0xn--vhquv\0xn--vuq861b\0xn--w4r85el8fhu5dnra\0xn--w4rs40l\0xn--wgbh1c\0"
    "xn--wgbl6a\0xn--xhq521b\0xn--xkc2al3hye2a\0xn--xkc2dl3a5ee0h\0xn--y9a3aq\0xn--yfro4i67o\0"
    "xn--ygbi2ammx\0xn--zfr164b\0xxx\0xyz\0yachts\0yahoo\0yamaxun\0yandex\0ye\0yodobashi\0yoga\0"
    "yokohama\0you\0youtube\0yt\0yun\0za\0zappos\0zara\0zero\0zip\0zm\0zone\0zuerich\0zw\0";

/* ---- look-up ---- */

void pii_tld_index(PiiTlds *ret)
{
    const char *p = TLDS;
    for (size_t i = 0; i < sizeof TLDS - 1; i += strlen(p + i) + 1) {
        uint32_t h = pii_word_hash(p + i, strlen(p + i)) % PII_TLD_SLOTS;
        while (ret->slot[h])
            h = (h + 1) % PII_TLD_SLOTS;
        ret->slot[h] = (uint16_t)(i + 1);
    }
}

bool pii_is_tld(const PiiTlds *t, const char *p, size_t n)
{
    char low[64];
    if (n < 2 || n > 63)
        return false;
    for (size_t i = 0; i < n; i++)
        low[i] = (char)(p[i] >= 'A' && p[i] <= 'Z' ? p[i] | 32 : p[i]);
    for (uint32_t h = pii_word_hash(low, n) % PII_TLD_SLOTS; t->slot[h]; h = (h + 1) % PII_TLD_SLOTS) {
        const char *have = TLDS + t->slot[h] - 1;
        if (strlen(have) == n && memcmp(have, low, n) == 0)
            return true;
    }
    return false;
}
