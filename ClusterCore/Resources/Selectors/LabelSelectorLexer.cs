using System.Buffers;

namespace Flotilla.ClusterCore.Resources.Selectors;

internal enum TokenKind { End, Identifier, Not, Comma, Open, Close, Operator }

internal readonly record struct Token(TokenKind Kind, string Text, SelectorOperator? Operator = null);

internal sealed class LabelSelectorLexer(string text)
{
    private static readonly SearchValues<char> Delimiters = SearchValues.Create("=!(),>< \t\r\n");

    private int position;

    public Token Peek()
    {
        var before = position;
        var token = Take();
        position = before;
        return token;
    }

    /// <summary>As above, but reads the words in and notin as operators.</summary>
    public Token TakeOperator() => Take() switch
    {
        { Kind: TokenKind.Identifier, Text: "in" } token => token with { Operator = SelectorOperator.In },
        { Kind: TokenKind.Identifier, Text: "notin" } token => token with { Operator = SelectorOperator.NotIn },
        var token => token,
    };

    public Token Take()
    {
        while (position < text.Length && text[position] is ' ' or '\t' or '\r' or '\n')
        {
            position++;
        }

        if (position == text.Length)
        {
            return new(TokenKind.End, "");
        }

        var rest = text.AsSpan(position);
        var token = Symbol(rest) ?? new(TokenKind.Identifier, Identifier(rest));
        position += token.Text.Length;
        return token;
    }

    private static Token? Symbol(ReadOnlySpan<char> rest) => rest switch
    {
        ['=', '=', ..] => new(TokenKind.Operator, "==", SelectorOperator.Equals),
        ['!', '=', ..] => new(TokenKind.Operator, "!=", SelectorOperator.NotEquals),
        ['=', ..] => new(TokenKind.Operator, "=", SelectorOperator.Equals),
        ['>', ..] => new(TokenKind.Operator, ">", SelectorOperator.GreaterThan),
        ['<', ..] => new(TokenKind.Operator, "<", SelectorOperator.LessThan),
        ['!', ..] => new(TokenKind.Not, "!"),
        [',', ..] => new(TokenKind.Comma, ","),
        ['(', ..] => new(TokenKind.Open, "("),
        [')', ..] => new(TokenKind.Close, ")"),
        _ => null,
    };

    private static string Identifier(ReadOnlySpan<char> rest)
    {
        var length = rest.IndexOfAny(Delimiters);
        return (length < 0 ? rest : rest[..length]).ToString();
    }
}
