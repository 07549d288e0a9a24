using System.Net.Security;

namespace Flotilla.Provisioner.Gateway.Tests;

/// <summary>The first bytes .NET's own TLS client sends for a name.</summary>
internal static class RecordedHello
{
    public static async Task<byte[]> OfAsync(string serverName)
    {
        using var recorded = new RecordingStream();
        await using var client = new SslStream(recorded);
        await Assert.ThrowsAnyAsync<IOException>(() => client.AuthenticateAsClientAsync(serverName));
        return recorded.Written;
    }

    /// <summary>Takes what is written and then hangs up.</summary>
    private sealed class RecordingStream : MemoryStream
    {
        public byte[] Written => ToArray();

        public override int Read(byte[] buffer, int offset, int count) => 0;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(0);
    }
}
