/** Addresses that nobody outside may have us call, one or more of each range: https://www.iana.org/assignments/iana-ipv4-special-registry */
const INWARD_V4 = `
  127.0.0.1 127.0.0.2 127.255.255.254 10.0.0.1 10.255.255.254 172.16.0.1 172.31.255.254 192.168.0.1 192.168.255.254
  100.64.0.1 100.127.255.254 169.254.0.1 169.254.169.254 169.254.170.2 169.254.170.23 169.254.169.123 168.63.129.16
  100.100.100.200 192.0.0.192 0.0.0.0 0.0.0.1 192.0.2.1 198.18.0.1 198.19.255.254 198.51.100.7 203.0.113.9 224.0.0.1
  239.255.255.250 240.0.0.1 255.255.255.255
`
  .trim()
  .split(/\s+/);

/** The same of IPv6: https://www.iana.org/assignments/iana-ipv6-special-registry */
const INWARD_V6 = `
  :: ::1 0:0:0:0:0:0:0:1 0000:0000:0000:0000:0000:0000:0000:0001 fe80::1 febf::1 fec0::1 fc00::1 fd00::1 fd00:ec2::254
  fd00:ec2::23 fd20:ce::254 fdff:ffff:ffff:ffff::1 ff01::1 ff02::1 ff05::2 ff0e::1 100::1 2001:db8::1 2001::1 2001:10::1
  2001:20::1 2001:2::1 3fff::1 5f00::1 4000::1 8000::1 64:ff9b:1::1 2002:7f00:1::1
`
  .trim()
  .split(/\s+/);

type Spell = (bytes: readonly [number, number, number, number]) => string;

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');
const octal = (value: number): string => `0${value.toString(8)}`;
const whole: (bytes: Parameters<Spell>[0]) => number = ([a, b, c, d]) => ((a * 256 + b) * 256 + c) * 256 + d;
/** Each digit as another character that IDNA maps to it. */
const digitsFrom = (first: number, zero = first): ((text: string) => string) => {
  return (text) =>
    text.replaceAll(/\d/g, (digit) => String.fromCodePoint(digit === '0' ? zero : first + Number(digit)));
};
const dotted: Spell = (bytes) => bytes.join('.');
const halves = ([a, b, c, d]: Parameters<Spell>[0]): string =>
  `${hex(a * 256 + b, 1)}:${hex(c * 256 + d, 1)}`;

/** Ways in which parsers of URLs take an IPv4 address: https://url.spec.whatwg.org/#concept-ipv4-parser */
const V4_SPELLINGS: Readonly<Record<string, Spell>> = {
  dotted,
  decimal: (bytes) => String(whole(bytes)),
  hexadecimal: (bytes) => `0x${hex(whole(bytes), 8)}`,
  'hexadecimal in capitals': (bytes) => `0X${hex(whole(bytes), 8).toUpperCase()}`,
  octal: (bytes) => octal(whole(bytes)),
  'octal bytes': (bytes) => bytes.map(octal).join('.'),
  'padded octal bytes': (bytes) => bytes.map((byte) => `0000${octal(byte)}`).join('.'),
  'hexadecimal bytes': (bytes) => bytes.map((byte) => `0x${hex(byte, 2)}`).join('.'),
  'mixed bytes': ([a, b, c, d]) => `${octal(a)}.0x${hex(b, 1)}.${c}.${d}`,
  'two parts': ([a, b, c, d]) => `${a}.${(b * 256 + c) * 256 + d}`,
  'three parts': ([a, b, c, d]) => `${a}.${b}.${c * 256 + d}`,
  'percent-encoded': (bytes) => dotted(bytes).replaceAll(/\d/g, (digit) => `%${hex(digit.charCodeAt(0), 2)}`),
  'full-width digits': (bytes) => digitsFrom(0xff10)(dotted(bytes)),
  'circled digits': (bytes) => digitsFrom(0x245f, 0x24ea)(dotted(bytes)),
  'mathematical digits': (bytes) => digitsFrom(0x1d7ce)(dotted(bytes)),
  'superscript digits': (bytes) => dotted(bytes).replaceAll('1', '¹').replaceAll('2', '²'),
  'ideographic dots': (bytes) => dotted(bytes).replaceAll('.', '。'),
  'full-width dots': (bytes) => dotted(bytes).replaceAll('.', '．'),
  'half-width dots': (bytes) => dotted(bytes).replaceAll('.', '｡'),
  'a dot at the end': (bytes) => `${dotted(bytes)}.`,
  'an encoded dot at the end': (bytes) => `${dotted(bytes)}%2e`,
  'a soft hyphen': (bytes) => dotted(bytes).replace('.', '\u00ad.'),
  'mapped into IPv6': (bytes) => `[::ffff:${dotted(bytes)}]`,
  'mapped into IPv6 by bytes': (bytes) => `[::ffff:${halves(bytes)}]`,
  'mapped, written out': (bytes) => `[0:0:0:0:0:ffff:${halves(bytes)}]`,
  'IPv4-compatible': (bytes) => `[::${dotted(bytes)}]`,
  'IPv4-translated': (bytes) => `[::ffff:0:${dotted(bytes)}]`,
  NAT64: (bytes) => `[64:ff9b::${dotted(bytes)}]`,
  'NAT64 of a network': (bytes) => `[64:ff9b:1::${halves(bytes)}]`,
  '6to4': (bytes) => `[2002:${halves(bytes)}::]`,
  Teredo: ([a, b, c, d]) => `[2001:0:4136:e378:8000:63bf:${halves([255 - a, 255 - b, 255 - c, 255 - d])}]`,
  ISATAP: (bytes) => `[fe80::5efe:${dotted(bytes)}]`,
};

const V6_SPELLINGS: Readonly<Record<string, (address: string) => string>> = {
  IPv6: (address) => `[${address}]`,
  'IPv6 in capitals': (address) => `[${address.toUpperCase()}]`,
  'IPv6 with a zone': (address) => `[${address}%25eth0]`,
};

export interface HostileHost {
  kind: string;
  host: string;
}

function bytesOf(address: string): Parameters<Spell>[0] {
  const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number);
  return [a, b, c, d];
}

/** Every inward address in every spelling. */
export const HOSTILE_HOSTS: readonly HostileHost[] = [
  ...Object.entries(V4_SPELLINGS).flatMap(([kind, spell]) =>
    INWARD_V4.map((address) => ({ kind, host: spell(bytesOf(address)) })),
  ),
  ...Object.entries(V6_SPELLINGS).flatMap(([kind, spell]) =>
    INWARD_V6.map((address) => ({ kind, host: spell(address) })),
  ),
];

export const INWARD_ADDRESSES: readonly string[] = [...INWARD_V4, ...INWARD_V6];
