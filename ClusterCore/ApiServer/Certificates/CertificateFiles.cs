using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Flotilla.ClusterCore.ApiServer.Certificates;

/// <summary>PEM pairs (<c>name.crt</c>, <c>name.key</c>) in one directory; keys are readable by the owner only.</summary>
internal sealed class CertificateFiles(string directory)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public string PathOf(string file) => Path.Combine(directory, file);

    public X509Certificate2? LoadPair(string name)
    {
        var (certificate, key) = (PathOf(name + ".crt"), PathOf(name + ".key"));
        return File.Exists(certificate) && File.Exists(key) ? X509Certificate2.CreateFromPemFile(certificate, key) : null;
    }

    public void SavePair(string name, X509Certificate2 certificate)
    {
        Directory.CreateDirectory(directory);
        WriteSecret(name + ".key", KeyPem(certificate));
        File.WriteAllText(PathOf(name + ".crt"), certificate.ExportCertificatePem() + "\n");
    }

    public ECDsa LoadOrCreateKey(string privateName, string publicName)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        if (File.Exists(PathOf(privateName)))
        {
            key.ImportFromPem(File.ReadAllText(PathOf(privateName)));
            return key;
        }

        Directory.CreateDirectory(directory);
        WriteSecret(privateName, key.ExportECPrivateKeyPem());
        File.WriteAllText(PathOf(publicName), key.ExportSubjectPublicKeyInfoPem() + "\n");
        return key;
    }

    public static string KeyPem(X509Certificate2 certificate)
    {
        using var ecdsa = certificate.GetECDsaPrivateKey();
        if (ecdsa is not null) { return ecdsa.ExportECPrivateKeyPem(); }
        using var rsa = certificate.GetRSAPrivateKey();
        return rsa?.ExportRSAPrivateKeyPem() ?? throw new CryptographicException("The certificate has no exportable private key.");
    }

    private void WriteSecret(string file, string pem)
    {
        using var stream = new FileStream(PathOf(file), new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = OwnerOnly,
        });
        using var writer = new StreamWriter(stream);
        writer.WriteLine(pem);
    }
}
