using System.Text;
using System.Text.Json;

namespace Flotilla.ClusterCore.Client.Json;

internal static class ApiStatusReader
{
    /// <summary>The status in a body, or one made of the HTTP code where a proxy answered with something else.</summary>
    public static ApiStatus Read(ReadOnlySpan<byte> body, int httpCode)
    {
        var status = Parse(body) ?? new ApiStatus { Message = Encoding.UTF8.GetString(body[..Math.Min(body.Length, 500)]) };
        status.Code = status.Code == 0 ? httpCode : status.Code;
        return status;
    }

    private static ApiStatus? Parse(ReadOnlySpan<byte> body)
    {
        try
        {
            return JsonSerializer.Deserialize(body, ObjectJson.Default.ApiStatus);
        }
        catch (JsonException)
        {
            // Not a Status: the caller keeps the text.
            return null;
        }
    }
}
