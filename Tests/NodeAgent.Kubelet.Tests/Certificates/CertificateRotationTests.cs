using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Flotilla.ClusterCore.Client;
using Flotilla.NodeAgent.Kubelet.Certificates;
using Flotilla.TestKit;
using Flotilla.TestKit.FakeServer;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flotilla.NodeAgent.Kubelet.Tests.Certificates;

public sealed class CertificateRotationTests : IDisposable
{
    private static readonly DateTimeOffset Start = A.Noon;
    private readonly string directory = Directory.CreateTempSubdirectory("flotilla-pki-").FullName;
    private readonly FakeApi api = new();
    private readonly ManualClock clock = new(Start);
    private readonly CancellationTokenSource stopping = new();
    private readonly X509Certificate2 authority = Authority();

    [Fact]
    public async Task A_certificate_is_renewed_when_four_fifths_of_its_life_are_over()
    {
        X509Certificate2? taken = null;
        var file = new CertificateFile(Path.Combine(directory, "client.pem"));
        var wish = CertificateWish.Client("node-0");
        using var first = Sign(wish.RequestPem(ECDsa.Create(ECCurve.NamedCurves.nistP256)), days: 10);
        var running = new CertificateRotation(file, wish, new(api.Client(), clock), next => taken = next, clock, NullLogger.Instance).RunAsync(first, stopping.Token);
        clock.Advance(TimeSpan.FromDays(7.9));
        Assert.Empty(api.List(Kinds.CertificateSigningRequests));
        await Eventually.TrueAsync(() => api.List(Kinds.CertificateSigningRequests).Length > 0 || !Step(TimeSpan.FromMinutes(10)), "a request");
        var request = api.List(Kinds.CertificateSigningRequests)[^1];
        Assert.Equal("kubernetes.io/kube-apiserver-client-kubelet", request.Spec.SignerName);
        Assert.Equal(["digital signature", "client auth"], request.Spec.Usages!);
        using var signed = Sign(request.Spec.Request!, days: 30);
        api.Put(Kinds.CertificateSigningRequests, request with { Status = new() { Certificate = Encoding.ASCII.GetBytes(signed.ExportCertificatePem()) } });
        await Eventually.TrueAsync(() => Step(TimeSpan.FromSeconds(1)) && taken is not null, "the new one is taken");
        Assert.Equal(("O=system:nodes, CN=system:node:node-0", true), (taken!.Subject, taken.HasPrivateKey));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file.Path));
        Assert.Equal(signed.SerialNumber, file.Load(clock.GetUtcNow())!.SerialNumber);
        await stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task A_denied_request_is_told_and_a_serving_one_names_the_node()
    {
        var asking = new CertificateRequests(api.Client(), clock).GetAsync(CertificateWish.Serving("node-0", IPAddress.Parse("10.1.2.3")), stopping.Token);
        await Eventually.TrueAsync(() => api.List(Kinds.CertificateSigningRequests).Length == 1, "a request");
        var request = api.List(Kinds.CertificateSigningRequests).Single();
        var read = CertificateRequest.LoadSigningRequestPem(Encoding.ASCII.GetString(request.Spec.Request!), HashAlgorithmName.SHA256, CertificateRequestLoadOptions.UnsafeLoadCertificateExtensions);
        var names = new X509SubjectAlternativeNameExtension(read.CertificateExtensions.Single(extension => extension.Oid?.Value == "2.5.29.17").RawData);
        Assert.Equal(("node-0", IPAddress.Parse("10.1.2.3")), (names.EnumerateDnsNames().Single(), names.EnumerateIPAddresses().Single()));
        api.Put(Kinds.CertificateSigningRequests, request with { Status = new() { Conditions = [new() { Type = "Denied", Message = "not here" }] } });
        await Eventually.TrueAsync(() => Step(TimeSpan.FromSeconds(1)) && asking.IsCompleted, "an answer");
        Assert.Contains("is Denied: not here", (await Assert.ThrowsAsync<IOException>(() => asking)).Message, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        stopping.Cancel();
        stopping.Dispose();
        authority.Dispose();
        api.Dispose();
        Directory.Delete(directory, recursive: true);
    }

    private bool Step(TimeSpan time)
    {
        clock.Advance(time);
        return true;
    }

    private X509Certificate2 Sign(byte[] requestPem, int days)
    {
        var request = CertificateRequest.LoadSigningRequestPem(Encoding.ASCII.GetString(requestPem), HashAlgorithmName.SHA256);
        return request.Create(authority, clock.GetUtcNow(), clock.GetUtcNow().AddDays(days), Guid.NewGuid().ToByteArray());
    }

    private static X509Certificate2 Authority()
    {
        var request = new CertificateRequest("CN=cluster", ECDsa.Create(ECCurve.NamedCurves.nistP256), HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(Start.AddYears(-1), Start.AddYears(10));
    }
}
