using System.Globalization;

namespace Flotilla.ClusterCore.Grpc;

/// <summary>The <c>grpc-timeout</c> header: at most eight digits and a unit of H, M, S, m, u or n.</summary>
internal static class GrpcTimeout
{
    private const long MaxDigits = 99_999_999;

    public static string Format(TimeSpan timeout)
    {
        var microseconds = Math.Max(1, (long)timeout.TotalMicroseconds);
        return microseconds switch
        {
            <= MaxDigits => $"{microseconds}u",
            <= MaxDigits * 1_000 => $"{microseconds / 1_000}m",
            <= MaxDigits * 1_000_000 => $"{microseconds / 1_000_000}S",
            _ => $"{Math.Min(MaxDigits, microseconds / 3_600_000_000)}H",
        };
    }

    /// <returns>Null when the header is not a timeout.</returns>
    public static TimeSpan? Parse(string? header)
    {
        if (header is not { Length: >= 2 and <= 9 } ||
            !long.TryParse(header.AsSpan(0, header.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count))
        {
            return null;
        }

        return header[^1] switch
        {
            'H' => TimeSpan.FromHours(Math.Min(count, 200_000_000)),
            'M' => TimeSpan.FromMinutes(count),
            'S' => TimeSpan.FromSeconds(count),
            'm' => TimeSpan.FromMilliseconds(count),
            'u' => TimeSpan.FromMicroseconds(count),
            'n' => TimeSpan.FromTicks(count / TimeSpan.NanosecondsPerTick),
            _ => null,
        };
    }
}
