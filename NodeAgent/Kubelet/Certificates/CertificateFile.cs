using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Flotilla.NodeAgent.Kubelet.Certificates;

/// <summary>A certificate and its key in one PEM file that only its owner may read, replaced at once.</summary>
public sealed class CertificateFile(string path)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public string Path => path;

    /// <returns>Null where there is none, or none that can be used now.</returns>
    public X509Certificate2? Load(DateTimeOffset now)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            var certificate = X509Certificate2.CreateFromPemFile(path);
            if (certificate.NotAfter.ToUniversalTime() > now.UtcDateTime)
            {
                return certificate;
            }

            certificate.Dispose();
            return null;
        }
        catch (CryptographicException)
        {
            // Cut short or damaged: as good as none, a new one is asked for.
            return null;
        }
    }

    public void Save(X509Certificate2 certificate)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        var next = path + ".next";
        File.Delete(next);
        using (var file = new FileStream(next, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly }))
        using (var text = new StreamWriter(file))
        {
            text.WriteLine(certificate.ExportCertificatePem());
            text.WriteLine(certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        }

        File.Move(next, path, overwrite: true);
    }
}
