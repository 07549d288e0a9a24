namespace Flotilla.ClusterCore.Resources.Json;

/// <summary>Where Go's decoder stops at a text that is not base64: its message names the byte.</summary>
internal static class GoBase64
{
    /// <returns>Null for a text that is base64, line ends left out.</returns>
    public static string? Describe(ReadOnlySpan<byte> text) => Stop(text) is { } at ? $"illegal base64 data at input byte {at}" : null;

    private static int? Stop(ReadOnlySpan<byte> text)
    {
        var inQuantum = 0;
        for (var at = 0; at < text.Length; at++)
        {
            if (IsLineEnd(text[at])) { continue; }
            if (text[at] == '=') { return StopOfPadding(text, at, inQuantum); }
            if (!IsDigit(text[at])) { return at; }
            inQuantum = (inQuantum + 1) % 4;
        }

        return inQuantum == 0 ? null : text.Length - inQuantum;
    }

    /// <summary>One or two signs fill up the last quantum, and nothing follows them.</summary>
    private static int? StopOfPadding(ReadOnlySpan<byte> text, int at, int inQuantum)
    {
        if (inQuantum < 2) { return at; }
        if (inQuantum == 2)
        {
            at = SkipLineEnds(text, at + 1);
            if (at == text.Length) { return at; }
            if (text[at] != '=') { return at - 1; }
        }

        at = SkipLineEnds(text, at + 1);
        return at == text.Length ? null : at;
    }

    private static int SkipLineEnds(ReadOnlySpan<byte> text, int at)
    {
        while (at < text.Length && IsLineEnd(text[at])) { at++; }
        return at;
    }

    private static bool IsLineEnd(byte sign) => sign is (byte)'\r' or (byte)'\n';

    private static bool IsDigit(byte sign) => char.IsAsciiLetterOrDigit((char)sign) || sign is (byte)'+' or (byte)'/';
}
