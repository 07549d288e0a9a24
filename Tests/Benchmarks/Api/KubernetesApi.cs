using System.Diagnostics;
using Flotilla.Benchmarks.ControlPlane;
using Flotilla.Benchmarks.Store;
using Flotilla.TestKit;

namespace Flotilla.Benchmarks.Api;

/// <summary>Kubernetes' own API server over Debian's etcd, each with what it does by default.</summary>
internal sealed class KubernetesApi : IServedApi
{
    private const string Issuer = "https://kubernetes.default.svc";
    private readonly StoreServer etcd;
    private readonly Process process;

    private KubernetesApi(StoreServer etcd, Process process, string kubeconfig) => (this.etcd, this.process, Kubeconfig) = (etcd, process, kubeconfig);

    public string Kubeconfig { get; }

    public TimeSpan CpuTime => ProcessWeight.CpuTime(process.Id) + etcd.CpuTime;

    public long ProportionalSetSize => ProcessWeight.ProportionalSetSize(process.Id) + etcd.ProportionalSetSize;

    /// <param name="program">The kube-apiserver of any release.</param>
    public static async Task<IServedApi> StartAsync(string program, string directory, CancellationToken cancellationToken)
    {
        var etcd = await StoreServer.StartEtcdAsync(Path.Combine(directory, "etcd"), cancellationToken);
        var (authority, certificate, key) = TestCertificates.Write(directory, "O=system:masters, CN=bench");
        var port = LoopbackPort.Free();
        var process = Process.Start(new ProcessStartInfo(program,
        [
            "--etcd-servers", etcd.Endpoint.GetLeftPart(UriPartial.Authority), "--bind-address", "127.0.0.1", "--advertise-address", "127.0.0.1", "--secure-port", $"{port}",
            "--tls-cert-file", certificate, "--tls-private-key-file", key, "--client-ca-file", authority, "--authorization-mode", "RBAC",
            "--service-account-issuer", Issuer, "--api-audiences", Issuer, "--service-account-key-file", certificate, "--service-account-signing-key-file", key,
            "--service-cluster-ip-range", "10.96.0.0/16",
        ])
        { UseShellExecute = false, RedirectStandardError = true })!;
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginErrorReadLine();
        var kubeconfig = Path.Combine(directory, "kubeconfig");
        await File.WriteAllTextAsync(
            kubeconfig,
            $$$"""
            {"apiVersion":"v1","kind":"Config","current-context":"peer",
             "clusters":[{"name":"peer","cluster":{"server":"https://127.0.0.1:{{{port}}}","certificate-authority":"{{{authority}}}"} }],
             "users":[{"name":"peer","user":{"client-certificate":"{{{certificate}}}","client-key":"{{{key}}}"} }],
             "contexts":[{"name":"peer","context":{"cluster":"peer","user":"peer"}}]}
            """,
            cancellationToken);
        var running = new KubernetesApi(etcd, process, kubeconfig);
        try
        {
            await Readiness.WaitAsync(process, port, cancellationToken);
            return running;
        }
        catch
        {
            await running.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
        await etcd.DisposeAsync();
    }
}
