using System.Security.Cryptography;
using System.Text;

namespace Flotilla.Provisioner.Alerts.Channels;

/// <summary>
/// Standard Webhooks: <c>webhook-signature: v1,base64(HMAC-SHA256(key, "id.timestamp.body"))</c>, the key being the base64 after
/// <c>whsec_</c>. The id stays the same when a delivery is repeated, so that receivers can tell.
/// </summary>
public static class WebhookSignature
{
    public static string Compute(string secret, string id, long timestamp, ReadOnlySpan<byte> body)
    {
        var key = Convert.FromBase64String(secret["whsec_".Length..]);
        byte[] signed = [.. Encoding.UTF8.GetBytes($"{id}.{timestamp}."), .. body];
        return "v1," + Convert.ToBase64String(HMACSHA256.HashData(key, signed));
    }

    internal static HttpRequestMessage Sign(HttpRequestMessage request, string id, DateTimeOffset now, string? secret)
    {
        var timestamp = now.ToUnixTimeSeconds();
        request.Headers.Add("webhook-id", id);
        request.Headers.Add("webhook-timestamp", timestamp.ToString());
        if (secret is null) { return request; }
        using var body = new MemoryStream();
        request.Content!.CopyTo(body, null, CancellationToken.None);
        request.Headers.Add("webhook-signature", Compute(secret, id, timestamp, body.GetBuffer().AsSpan(0, (int)body.Length)));
        return request;
    }
}
