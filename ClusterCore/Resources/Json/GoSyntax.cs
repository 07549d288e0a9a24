namespace Flotilla.ClusterCore.Resources.Json;

/// <summary>What Go's scanner finds wrong with a text that is no JSON, in its words: they are what clients see.</summary>
internal ref struct GoSyntax
{
    private const string End = "unexpected end of JSON input";

    private readonly ReadOnlySpan<byte> text;
    private int at;
    private int depth;

    private GoSyntax(ReadOnlySpan<byte> text) => this.text = text;

    /// <summary>Null for what is JSON.</summary>
    public static string? Describe(ReadOnlySpan<byte> text)
    {
        var scan = new GoSyntax(text);
        return scan.Value() ?? (scan.Next() is null ? null : scan.Invalid("after top-level value"));
    }

    private string? Value() => Next() switch
    {
        null => End,
        (byte)'{' => Object(),
        (byte)'[' => Array(),
        (byte)'"' => String(),
        (byte)'t' => Literal("true"),
        (byte)'f' => Literal("false"),
        (byte)'n' => Literal("null"),
        (byte)'-' or (>= (byte)'0' and <= (byte)'9') => Number(),
        _ => Invalid("looking for beginning of value"),
    };

    private string? Object()
    {
        if (++depth > JsonCodec.MaxDepth) { return "exceeded max depth"; }
        at++;
        if (Next() == (byte)'}') { return Close(); }
        while (true)
        {
            if (Next() != (byte)'"') { return Invalid("looking for beginning of object key string"); }
            if (String() is { } inKey) { return inKey; }
            if (Next() != (byte)':') { return Invalid("after object key"); }
            at++;
            if (Value() is { } inValue) { return inValue; }
            if (Next() == (byte)'}') { return Close(); }
            if (Next() != (byte)',') { return Invalid("after object key:value pair"); }
            at++;
        }
    }

    private string? Array()
    {
        if (++depth > JsonCodec.MaxDepth) { return "exceeded max depth"; }
        at++;
        if (Next() == (byte)']') { return Close(); }
        while (true)
        {
            if (Value() is { } inValue) { return inValue; }
            if (Next() == (byte)']') { return Close(); }
            if (Next() != (byte)',') { return Invalid("after array element"); }
            at++;
        }
    }

    private string? Close()
    {
        depth--;
        at++;
        return null;
    }

    private string? String()
    {
        for (at++; at < text.Length; at++)
        {
            if (text[at] == (byte)'"')
            {
                at++;
                return null;
            }

            if (text[at] < 0x20) { return Invalid("in string literal"); }
            if (text[at] == (byte)'\\' && Escape() is { } broken) { return broken; }
        }

        return End;
    }

    private string? Escape()
    {
        at++;
        if (at == text.Length) { return End; }
        if ("bfnrt\\/\""u8.Contains(text[at])) { return null; }
        if (text[at] != (byte)'u') { return Invalid("in string escape code"); }
        for (var digits = 0; digits < 4; digits++)
        {
            at++;
            if (at == text.Length || !char.IsAsciiHexDigit((char)text[at])) { return Invalid("in \\u hexadecimal character escape"); }
        }

        return null;
    }

    private string? Literal(string word)
    {
        foreach (var expected in word)
        {
            if (at == text.Length || text[at] != expected) { return Invalid($"in literal {word} (expecting '{expected}')"); }
            at++;
        }

        return null;
    }

    private string? Number()
    {
        if (text[at] == (byte)'-') { at++; }
        if (!IsDigit()) { return Invalid("in numeric literal"); }
        if (text[at] == (byte)'0') { at++; }
        else { Digits(); }
        if (at < text.Length && text[at] == (byte)'.')
        {
            at++;
            if (!IsDigit()) { return Invalid("after decimal point in numeric literal"); }
            Digits();
        }

        if (at == text.Length || text[at] is not ((byte)'e' or (byte)'E')) { return null; }
        at++;
        if (at < text.Length && text[at] is (byte)'+' or (byte)'-') { at++; }
        if (!IsDigit()) { return Invalid("in exponent of numeric literal"); }
        Digits();
        return null;
    }

    private readonly bool IsDigit() => at < text.Length && char.IsAsciiDigit((char)text[at]);

    private void Digits()
    {
        while (IsDigit()) { at++; }
    }

    /// <summary>The next byte that is no white space; null at the end.</summary>
    private byte? Next()
    {
        while (at < text.Length && text[at] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n') { at++; }
        return at < text.Length ? text[at] : null;
    }

    private readonly string Invalid(string where) => at < text.Length ? $"invalid character {Show(text[at])} {where}" : End;

    private static string Show(byte value) => (char)value switch
    {
        '\'' => @"'\''",
        '\n' => @"'\n'",
        '\r' => @"'\r'",
        '\t' => @"'\t'",
        < ' ' or (>= '\x7f' and < '\xa1') or '\xad' => $"'\\x{value:x2}'",
        var character => $"'{character}'",
    };
}
