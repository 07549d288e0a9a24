using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Flotilla.ClusterCore.ApiServer.Certificates;

/// <summary>Writes kubeconfigs that log in with a client certificate.</summary>
public static class KubeconfigFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public static string Text(string server, X509Certificate2 authority, string user, X509Certificate2 client) =>
        $"""
        apiVersion: v1
        kind: Config
        clusters:
        - name: kubernetes
          cluster:
            server: {server}
            certificate-authority-data: {Base64(authority.ExportCertificatePem())}
        users:
        - name: {user}
          user:
            client-certificate-data: {Base64(client.ExportCertificatePem())}
            client-key-data: {Base64(CertificateFiles.KeyPem(client))}
        contexts:
        - name: {user}@kubernetes
          context:
            cluster: kubernetes
            user: {user}
        current-context: {user}@kubernetes

        """;

    /// <summary>Replaces the file in one step, so that a reader never sees half of it.</summary>
    public static async Task WriteAsync(string path, string text, CancellationToken cancellationToken)
    {
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } directory) { Directory.CreateDirectory(directory); }
        var temporary = path + ".tmp";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = OwnerOnly };
        await using (var stream = new FileStream(temporary, options))
        {
            await stream.WriteAsync(Encoding.UTF8.GetBytes(text), cancellationToken);
        }

        File.Move(temporary, path, overwrite: true);
    }

    private static string Base64(string pem) => Convert.ToBase64String(Encoding.UTF8.GetBytes(pem + "\n"));
}
