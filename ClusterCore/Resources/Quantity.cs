using System.Buffers;
using System.Globalization;
using System.Numerics;

namespace Flotilla.ClusterCore.Resources;

/// <summary>How a quantity was written, and is written again.</summary>
public enum QuantityFormat { DecimalSI, BinarySI, DecimalExponent }

/// <summary>
/// A fixed-point number such as 100m, 1.5Gi or 12e6. Like upstream it holds no more than 2^63-1 and no finer than a billionth:
/// larger values are capped, finer ones rounded away from zero.
/// </summary>
public readonly struct Quantity : IComparable<Quantity>, IEquatable<Quantity>
{
    private const string MalformedMessage =
        "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

    private const string SuffixMessage = "unable to parse quantity's suffix";
    private const long Nanos = 1_000_000_000;
    private const int LongestText = 300;

    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("0123456789.");
    private static readonly SearchValues<char> SuffixCharacters = SearchValues.Create("0123456789eEinumkKMGTP+-");
    private static readonly string[] DecimalSuffixes = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
    private static readonly string[] BinarySuffixes = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
    private static readonly Int128 Largest = (Int128)long.MaxValue * Nanos;

    private readonly Int128 nanos;

    private Quantity(Int128 nanos, QuantityFormat format) =>
        (this.nanos, Format) = (Int128.Clamp(nanos, -Largest, Largest), format);

    public static Quantity Zero => default;

    public QuantityFormat Format { get; }

    public bool IsZero => nanos == 0;

    public int Sign => Int128.Sign(nanos);

    /// <summary>In whole units, rounded up.</summary>
    public long Value => (long)CeilingDivide(nanos, Nanos);

    /// <summary>In thousandths, rounded up and capped.</summary>
    public long MilliValue => (long)Int128.Clamp(CeilingDivide(nanos, Nanos / 1000), long.MinValue, long.MaxValue);

    public static Quantity FromInteger(long value, QuantityFormat format = QuantityFormat.DecimalSI) => new((Int128)value * Nanos, format);

    public static Quantity FromMilli(long value, QuantityFormat format = QuantityFormat.DecimalSI) =>
        new((Int128)value * (Nanos / 1000), format);

    /// <exception cref="FormatException">The text is no quantity: for values that were validated before.</exception>
    public static Quantity Parse(string text) => TryParse(text, out var quantity, out var error) ? quantity : throw new FormatException(error);

    public static bool TryParse(string? text, out Quantity quantity) => TryParse(text, out quantity, out _);

    public static bool TryParse(string? text, out Quantity quantity, out string? error)
    {
        (quantity, error) = (default, MalformedMessage);
        if (string.IsNullOrEmpty(text) || text.Length > LongestText)
        {
            return false;
        }

        var rest = text.AsSpan();
        var negative = rest[0] == '-';
        rest = rest[0] is '-' or '+' ? rest[1..] : rest;
        var length = rest.IndexOfAnyExcept(NumberCharacters) is >= 0 and var end ? end : rest.Length;
        if (!TryParseNumber(rest[..length], out var digits, out var scale))
        {
            return false;
        }

        if (!TryParseSuffix(rest[length..], out var format, out var tens, out var twos))
        {
            error = rest[length..].IndexOfAnyExcept(SuffixCharacters) < 0 ? SuffixMessage : MalformedMessage;
            return false;
        }

        var value = ToNanos(digits, tens - scale, twos);
        format = format == QuantityFormat.BinarySI && value > 0 && value < Nanos ? QuantityFormat.DecimalSI : format;
        (quantity, error) = (new Quantity(negative ? -value : value, format), null);
        return true;
    }

    public static Quantity operator +(Quantity left, Quantity right) => new(left.nanos + right.nanos, left.FormatWith(right));

    public static Quantity operator -(Quantity left, Quantity right) => new(left.nanos - right.nanos, left.FormatWith(right));

    public static Quantity operator -(Quantity value) => new(-value.nanos, value.Format);

    public static bool operator ==(Quantity left, Quantity right) => left.Equals(right);

    public static bool operator !=(Quantity left, Quantity right) => !left.Equals(right);

    public static bool operator <(Quantity left, Quantity right) => left.nanos < right.nanos;

    public static bool operator >(Quantity left, Quantity right) => left.nanos > right.nanos;

    public static bool operator <=(Quantity left, Quantity right) => left.nanos <= right.nanos;

    public static bool operator >=(Quantity left, Quantity right) => left.nanos >= right.nanos;

    public Quantity Add(Quantity other) => this + other;

    public Quantity Subtract(Quantity other) => this - other;

    public int CompareTo(Quantity other) => nanos.CompareTo(other.nanos);

    public bool Equals(Quantity other) => nanos == other.nanos;

    public override bool Equals(object? obj) => obj is Quantity other && Equals(other);

    public override int GetHashCode() => nanos.GetHashCode();

    /// <summary>The canonical form: an integer and the largest suffix that needs no fraction.</summary>
    public override string ToString()
    {
        if (nanos == 0)
        {
            return "0";
        }

        return Format == QuantityFormat.BinarySI && Int128.Abs(nanos) >= 1024 * (Int128)Nanos ? WriteBinary() : WriteDecimal();
    }

    private QuantityFormat FormatWith(Quantity other) => nanos == 0 ? other.Format : Format;

    private string WriteBinary()
    {
        var (value, suffix) = (CeilingDivide(nanos, Nanos), 0);
        while (value % 1024 == 0 && suffix < BinarySuffixes.Length - 1)
        {
            value /= 1024;
            suffix++;
        }

        return value.ToString(CultureInfo.InvariantCulture) + BinarySuffixes[suffix];
    }

    private string WriteDecimal()
    {
        var (value, suffix) = (nanos, 0);
        while (value % 1000 == 0 && suffix < DecimalSuffixes.Length - 1)
        {
            value /= 1000;
            suffix++;
        }

        var exponent = (3 * suffix) - 9;
        var number = value.ToString(CultureInfo.InvariantCulture);
        return Format != QuantityFormat.DecimalExponent ? number + DecimalSuffixes[suffix]
            : exponent == 0 ? number
            : string.Create(CultureInfo.InvariantCulture, $"{number}e{exponent}");
    }

    private static bool TryParseNumber(ReadOnlySpan<char> text, out BigInteger digits, out int scale)
    {
        (digits, scale) = (default, 0);
        var dot = text.IndexOf('.');
        if (text.Length == 0 || text is "." || (dot >= 0 && text[(dot + 1)..].Contains('.')))
        {
            return false;
        }

        if (dot < 0)
        {
            return BigInteger.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out digits);
        }

        scale = text.Length - dot - 1;
        return BigInteger.TryParse(string.Concat(text[..dot], text[(dot + 1)..]), NumberStyles.None, CultureInfo.InvariantCulture, out digits);
    }

    private static bool TryParseSuffix(ReadOnlySpan<char> suffix, out QuantityFormat format, out int tens, out int twos)
    {
        (format, tens, twos) = (QuantityFormat.DecimalSI, 0, 0);
        if (Place(DecimalSuffixes, suffix) is >= 0 and var si)
        {
            tens = (3 * si) - 9;
            return true;
        }

        if (Place(BinarySuffixes, suffix) is >= 0 and var binary)
        {
            (format, twos) = (QuantityFormat.BinarySI, 10 * binary);
            return true;
        }

        format = QuantityFormat.DecimalExponent;
        return suffix[0] is 'e' or 'E' && suffix.Length is > 1 and < 12
            && int.TryParse(suffix[1..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out tens);
    }

    private static int Place(string[] suffixes, ReadOnlySpan<char> suffix)
    {
        for (var i = 0; i < suffixes.Length; i++)
        {
            if (suffix.SequenceEqual(suffixes[i]))
            {
                return i;
            }
        }

        return -1;
    }

    private static Int128 ToNanos(BigInteger digits, int tens, int twos)
    {
        tens += 9;
        if (digits.IsZero)
        {
            return 0;
        }

        // Beyond these the answer is the cap, or the smallest step, whatever the digits are.
        if (tens > 40)
        {
            return Largest;
        }

        if (tens < -LongestText - 40)
        {
            return 1;
        }

        var value = (digits << twos) * BigInteger.Pow(10, Math.Max(tens, 0));
        if (tens < 0)
        {
            value = BigInteger.DivRem(value, BigInteger.Pow(10, -tens), out var remainder) + (remainder.IsZero ? 0 : 1);
        }

        return value > (BigInteger)Largest ? Largest : (Int128)value;
    }

    private static Int128 CeilingDivide(Int128 value, long divisor)
    {
        var (quotient, remainder) = Int128.DivRem(value, divisor);
        return remainder > 0 ? quotient + 1 : quotient;
    }
}
